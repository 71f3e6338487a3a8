import { afterEach, describe, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject | undefined;
afterEach(() => project?.remove());

/** Nobody listens there. */
const nowhere = 'localhost:1';
const labels = `labels: [${testLabel}=1]`;
const command = 'command: [sleep, infinity], init: true';
const file = (name: string) => `
services:
  plain: { image: busybox, ${labels} }
  built: { build: { context: ., ${labels} }, image: "${nowhere}/${name}:1", ${command}, ${labels} }
  missing: { image: "${nowhere}/${name}-missing:1", ${labels} }
`;

function created(): TestProject {
  const own = createProject();
  project = own;
  own.write('stack.yaml', file(own.name));
  own.write('Dockerfile', 'FROM busybox\nARG WHO=file\nRUN echo "made for $WHO" > /who\n');
  return own;
}

type By = (own: TestProject, words: readonly string[]) => ReturnType<TestProject['run']>;
const byCompose: By = (own, words) => own.startOther(compose ?? '', ['-f', 'stack.yaml', ...words]).finished;
const both: readonly (readonly [string, By])[] = [
  ['stack', (own, words) => own.run(words)],
  ...(compose === undefined ? [] : [['docker compose', byCompose] as const]),
];

describe.each(both)('%s', (_, by) => {
  test.each([
    [['pull', 'plain'], 0],
    [['pull'], 1],
    [['pull', 'built'], 1],
    [['pull', '--ignore-pull-failures'], 0],
    [['pull', '--ignore-buildable', 'plain', 'built'], 0],
    [['pull', '--policy', 'missing', 'missing'], 1],
    [['pull', 'nobody'], 1],
    [['push', 'built'], 1],
    [['push', '--ignore-push-failures', 'built'], 0],
    [['push', 'plain'], 0],
    [['push', 'nobody'], 1],
    [['build', 'plain'], 0],
    [['build', 'nobody'], 1],
    [['up', '-d', '--pull', 'never', 'missing'], 1],
    [['up', '-d', '--no-build', 'built'], 1],
    [['up', '-d', '--pull', 'always', 'built'], 0],
    [['create', '--quiet-pull', '--build', 'built'], 0],
  ])('%s ends with %i', async (words, code) => {
    expect((await by(created(), words)).code).toBe(code);
  });

  test('build: arguments, from the words or from the environment, beat the file', async () => {
    const own = created();
    const made = async (...words: string[]) => {
      expect((await by(own, ['build', '-q', ...words, 'built'])).code).toBe(0);
      expect((await own.run(['up', '-d', 'built'])).code).toBe(0);
      return (await own.run(['exec', '-T', 'built', 'cat', '/who'])).stdout;
    };
    expect(await made()).toBe('made for file\n');
    expect(await made('--build-arg', 'WHO=words', '--no-cache', '--pull')).toBe('made for words\n');
  });
});

test('what could be built instead is told', async () => {
  const own = created();
  expect((await own.run(['pull', 'built'])).output).toContain('stack build built');
});
