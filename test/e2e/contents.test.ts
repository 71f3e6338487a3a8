import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject;
afterEach(() => project.remove());

const file = (content: string) => `services:
  web:
    { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1], configs: [own], secrets: [word] }
  other: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1] }
configs: { own: { content: "${content}" } }
secrets: { word: { environment: WORD } }
`;

async function ids(): Promise<readonly string[]> {
  return (await containersOf(project.name)).map(({ id }) => id);
}

const up = (word: string) => project.run(['up', '-d'], { environment: { WORD: word } });
const read = async (path: string) =>
  (await project.run(['exec', '-T', 'web', 'cat', path], { environment: { WORD: '' } })).stdout;

test('a content that changed is a reason to replace the container that runs with it, and that one alone', async () => {
  project = createProject({ file: file('one') });
  expect((await up('swordfish')).code).toBe(0);
  const [other, web] = await ids();
  expect((await up('swordfish')).output).toContain('nothing to do');
  expect(await ids()).toEqual([other, web]);

  const { output } = await up('halibut');
  expect(output).toContain('replace web: secrets.word: content changed, stack.yaml:6:12');
  expect(output).not.toMatch(/swordfish|halibut/);
  expect(await read('/run/secrets/word')).toBe('halibut');
  const [same, second] = await ids();
  expect([same, second === web]).toEqual([other, false]);

  project.write('stack.yaml', file('two'));
  const { stdout } = await project.run(['plan'], { environment: { WORD: 'halibut' } });
  expect(stdout).toContain('configs.own: content changed, stack.yaml:5:12');
  expect((await project.run(['up', '-d', '--no-recreate'], { environment: { WORD: 'halibut' } })).code).toBe(
    0,
  );
  expect(await ids()).toEqual([other, second]);

  // One that does not run gets it when it starts.
  await project.run(['stop', 'web'], { environment: { WORD: '' } });
  expect((await up('halibut')).output).not.toContain('replace');
  expect(await ids()).toEqual([other, second]);
  expect(await read('/own')).toBe('two');
});

test('a content that nobody may read is no more than that', async () => {
  project = createProject({
    file: file('one').replace('configs: [own]', 'configs: [{ source: own, target: /own, mode: 0 }]'),
  });
  expect((await up('swordfish')).code).toBe(0);
  const { stdout } = await project.run([
    'exec',
    '-T',
    'web',
    'stat',
    '-c',
    '%a',
    '/own',
    '/run/secrets/word',
  ]);
  expect(stdout).toBe('0\n444\n');
});

test('a content is the same to its last byte, also with a mark of the byte order', async () => {
  project = createProject({ file: file('one') });
  expect((await up('\uFEFFswordfish')).code).toBe(0);
  expect((await up('\uFEFFswordfish')).output).toContain('nothing to do');
  expect((await up('swordfish')).output).toContain('secrets.word: content changed');
});

test.skipIf(compose === undefined)('what Docker Compose has written is what counts', async () => {
  project = createProject({ file: file('one') });
  const theirs = (word: string) =>
    project.startOther(compose ?? '', ['-f', 'stack.yaml', 'up', '-d'], { environment: { WORD: word } })
      .finished;
  expect((await theirs('swordfish')).code).toBe(0);
  const before = await ids();
  expect((await up('swordfish')).code).toBe(0);
  expect(await ids()).toEqual(before);
  await project.run(['stop'], { environment: { WORD: '' } });
  expect((await theirs('halibut')).code).toBe(0);
  expect((await up('halibut')).output).toContain('nothing to do');
  expect(await ids()).toEqual(before);
});
