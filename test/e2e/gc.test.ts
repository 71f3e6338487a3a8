import { existsSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askEngine, containersOf, stateOf } from '../helpers/engine.ts';
import { keeping } from '../helpers/keeping.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

let project: TestProject;
let elsewhere: TestProject;

const service = (name: string, command: string) => `
  ${name}:
    build: { context: ., labels: ["${testLabel}=1"] }
    init: true
    stop_grace_period: 0s
    command: ${command}
    volumes: [data:/data]
    labels: ["${testLabel}=1"]`;

beforeEach(() => {
  elsewhere = createProject();
  project = createProject({
    file: `services:${service('runs', '[sleep, infinity]')}${service('ends', '["true"]')}
volumes: { data: { labels: ["${testLabel}=1"] } }
networks: { default: { labels: ["${testLabel}=1"] } }
`,
  });
  project.write('Dockerfile', 'FROM busybox\nCOPY file /file\n');
});

afterEach(async () => {
  if (existsSync(`${project.directory}.away`)) renameSync(`${project.directory}.away`, project.directory);
  await project.remove();
  await elsewhere.remove();
});

test('takes away what stacks whose folders are gone have left, but nothing that runs, and volumes only if that is said', async () => {
  for (const round of ['1', '2']) {
    project.write('file', round);
    expect((await project.run(['up', '-d', '--build'])).code).toBe(0);
  }
  const gc = (...words: readonly string[]) =>
    elsewhere.run(['-p', project.name, 'gc', ...words], { environment: keeping });
  expect(await unnamed()).toBe(2); // the last of each service, to go back to
  expect((await gc('--dry-run')).stdout).toBe('nothing to do\n');

  renameSync(project.directory, `${project.directory}.away`);
  const network = `${project.name}_default`;
  const dry = await gc('--dry-run');
  expect(dry.stdout.replaceAll(project.name, 'P')).toBe(
    'remove container P-ends-1: the folder of its stack is gone\n',
  );
  const all = await elsewhere.run(['gc', '--all', '--dry-run']);
  expect(all.stdout).toContain(`remove container ${project.name}-ends-1: the folder of its stack is gone\n`);
  expect((await containersOf(project.name)).map((one) => one.service)).toEqual(['ends', 'runs']);

  expect((await gc('--yes')).code).toBe(0);
  expect((await containersOf(project.name)).map((one) => [one.service, one.state])).toEqual([
    ['runs', 'running'],
  ]);
  expect((await stateOf(project.name)).networks.map(({ name }) => name)).toEqual([network]);

  await elsewhere.run(['-p', project.name, 'stop']);
  // No answer is a no.
  const asked = await elsewhere.run(['-p', project.name, 'gc'], { input: '' });
  expect(asked.stdout).toContain('do that? [yN]');
  expect(asked.stdout).toMatch(/^remove image sha256:[0-9a-f]{12}: a newer one took its name$/m);
  expect(await containersOf(project.name)).toHaveLength(1);

  const { code, stdout } = await gc('--yes', '--json');
  expect(code).toBe(0);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.find(({ type }) => type === 'plan-made')).toMatchObject({
    purpose: 'gc',
    steps: [
      { kind: 'remove-container' },
      { kind: 'remove-network' },
      { kind: 'remove-image' },
      { kind: 'remove-image' },
    ],
  });
  expect(events.find(({ type }) => type === 'problem-found').problem).toMatchObject({
    code: 'left-volume',
    message: expect.stringMatching(/no container mounts volume .*_data \(0B, .* old\); it stays/),
  });
  const left = await stateOf(project.name);
  expect([left.containers, left.networks, await unnamed()]).toEqual([[], [], 0]);
  expect(left.volumes).toHaveLength(1);

  const no = await elsewhere.run(['-p', project.name, 'gc', '--volumes'], {
    environment: keeping,
    input: 'n\n',
  });
  expect(no.stdout).toMatch(/^remove volume \w+_data: no container mounts it \(0B, .* old\)$/m);
  expect((await stateOf(project.name)).volumes).toHaveLength(1);
  const yes = await elsewhere.run(['-p', project.name, 'gc', '--volumes'], {
    environment: keeping,
    input: 'y\n',
  });
  expect(yes.code, yes.output).toBe(0);
  expect((await stateOf(project.name)).volumes).toEqual([]);
});

/** How many images of the project have no name. */
async function unnamed(): Promise<number> {
  const filters = JSON.stringify({
    dangling: ['true'],
    label: [`com.docker.compose.project=${project.name}`],
  });
  return (await askEngine<readonly unknown[]>('GET', '/images/json', { filters })).length;
}
