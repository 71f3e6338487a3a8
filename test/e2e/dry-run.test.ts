import { afterAll, beforeAll, expect, test } from 'vitest';
import { stateOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
beforeAll(async () => {
  const all = `image: busybox, init: true, labels: [${testLabel}=1]`;
  project = createProject({
    file: `services:
  web: { ${all}, command: [sleep, infinity], depends_on: [frozen] }
  frozen: { ${all}, command: [sleep, infinity] }
  ended: { ${all}, command: "true" }
  built: { build: ., image: "127.0.0.1:9/${testLabel}/built:1", profiles: [built] }
`,
  });
  project.write('Dockerfile', 'FROM busybox\n');
  expect((await project.run(['up', '-d'])).code).toBe(0);
  expect((await project.run(['pause', 'frozen'])).code).toBe(0);
});
afterAll(() => project.remove());

const state = async () => {
  const { containers, networks } = await stateOf(project.name);
  return [...containers.map(({ id, state }) => `${id} ${state}`), ...networks.map(({ id }) => id)];
};

test.each([
  [['stop', 'web'], ['stop container P-web-1: it was asked for']],
  [['start', 'ended'], ['start container P-ended-1: it does not run']],
  [['restart', 'web'], ['restart container P-web-1: it was asked for']],
  [['kill', '-s', 'HUP', 'web'], ['send HUP to container P-web-1: it was asked for']],
  [['pause', 'web'], ['pause container P-web-1: it was asked for']],
  [['unpause'], ['unpause container P-frozen-1: it was asked for']],
  [['rm'], ['remove container P-ended-1: it was asked for']],
  [
    ['down', 'web'],
    ['stop container P-web-1: the stack goes down', 'remove container P-web-1: the stack goes down'],
  ],
  [['pull', 'web'], ['pull image busybox: it was asked for']],
  [['build', 'built'], ['build image 127.0.0.1:9/dev.stack.test/built:1: it was asked for']],
  [['push', 'built'], ['push image 127.0.0.1:9/dev.stack.test/built:1: it was asked for']],
  [['stop', 'ended'], ['nothing to do']],
])('--dry-run %j tells each step and does none', async (words, lines) => {
  const before = await state();
  const { code, stdout, output } = await project.run([...words, '--dry-run']);
  expect([code, stdout.replaceAll(project.name, 'P')], output).toEqual([
    0,
    lines.map((line) => `${line}\n`).join(''),
  ]);
  const json = await project.run(['--dry-run', ...words, '--json']);
  const events = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.find(({ type }) => type === 'plan-made').steps).toHaveLength(
    lines[0] === 'nothing to do' ? 0 : lines.length,
  );
  expect(events.some(({ type }) => type === 'step-started')).toBe(false);
  expect(await state()).toEqual(before);
});

test.each([
  ['run', 'web', 'true'],
  ['exec', 'web', 'true'],
  ['cp', 'web:/etc/hosts', '.'],
])('%s has no plan to tell, and refuses', async (...words) => {
  const { code, stderr } = await project.run(['--dry-run', ...words]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('cannot tell what it would do')]);
});
