import { afterEach, describe, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type Finished, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject;
afterEach(() => project.remove());

const file = (edition: number) => `services:
  web: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1], volumes: ["data:/data"] }
  reader: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1], volumes: ["data:/data:ro"] }
  other: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1] }
volumes: { data: { labels: ["${testLabel}=${edition}"] } }
`;

type Tool = (words: readonly string[], input?: string) => Promise<Finished>;
const tools: [string, (own: TestProject) => Tool][] = [
  ['stack', (own) => (words, input) => own.run(words, input === undefined ? {} : { input })],
  ...(compose === undefined
    ? []
    : ([
        [
          'Docker Compose',
          (own) => (words, input) =>
            own.startOther(compose, words, input === undefined ? {} : { input }).finished,
        ],
      ] satisfies [string, (own: TestProject) => Tool][])),
];

async function ids(): Promise<ReadonlyMap<string, string>> {
  return new Map((await containersOf(project.name)).map(({ service, id }) => [service, id]));
}

async function hasData(): Promise<boolean> {
  return (await project.run(['exec', '-T', 'reader', 'test', '-e', '/data/kept'])).code === 0;
}

describe.each(tools)('%s, a volume whose settings changed', (_, toolFor) => {
  test.each([
    ['no answer', ['up', '-d'], undefined, true],
    ['no', ['up', '-d'], 'n\n', true],
    ['yes', ['up', '-d'], 'y\n', false],
    ['--yes', ['up', '-d', '--yes'], undefined, false],
  ])('%s', async (_, words, input, stays) => {
    project = createProject();
    project.write('compose.yaml', file(1));
    const tool = toolFor(project);
    expect((await tool(['up', '-d'])).code).toBe(0);
    await project.run(['exec', '-T', 'web', 'touch', '/data/kept']);
    const before = await ids();
    project.write('compose.yaml', file(2));
    const { code, output } = await tool(words, input);
    expect(code, output).toBe(0);
    expect(await hasData()).toBe(stays);
    const after = await ids();
    expect(after.get('other')).toBe(before.get('other'));
    expect([after.get('web') === before.get('web'), after.get('reader') === before.get('reader')]).toEqual([
      stays,
      stays,
    ]);
    expect((await tool(['up', '-d'])).code).toBe(0);
    expect(await ids()).toEqual(after);
  });
});

test('what is lost is said before and as a reason, and the answer is not waited for with the project held', async () => {
  project = createProject({ file: file(1) });
  expect((await project.run(['up', '-d'])).code).toBe(0);
  project.write('stack.yaml', file(2));
  const asking = project.start(['up', '-d'], { input: 'later' });
  const name = `${project.name}_data`;
  await asking.waitFor(
    new RegExp(
      `volume ${name} \\(0B, .* old; gone for good\\) exists with other settings; make it anew, without the data\\? `,
    ),
  );
  expect((await project.run(['stop', 'other'])).output).not.toContain('is being changed');
  asking.answer('y\n');
  const { code, output } = await asking.finished;
  expect(code, output).toBe(0);
  expect(output).toContain(`replace web: volume ${name} changed`);
});
