import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type Finished, type TestProject, testLabel } from '../helpers/project.ts';

/** The name comes from the file, as when a repository is cloned twice. */
const environment = { COMPOSE_PROJECT_NAME: '' };
const file = (name: string) => `name: ${name}
services:
  web: { image: busybox, command: [sleep, infinity], init: true, labels: [${testLabel}=1] }
`;

let project: TestProject;
let one: string;
let two: string;
beforeEach(async () => {
  project = createProject();
  project.write('one/stack.yaml', file(project.name));
  [one, two] = [path.join(project.directory, 'one'), path.join(project.directory, 'two')];
  cpSync(one, two, { recursive: true });
  expect((await inFolder(one, ['up', '-d'])).code).toBe(0);
});
afterEach(() => project.remove());

function inFolder(
  folder: string,
  words: readonly string[],
  more: Record<string, string> = {},
): Promise<Finished> {
  return project.run(['--project-directory', folder, '-f', path.join(folder, 'stack.yaml'), ...words], {
    environment: { ...environment, ...more },
  });
}

async function ids(): Promise<readonly string[]> {
  return (await containersOf(project.name)).map(({ id, state }) => `${id} ${state}`);
}

test.each([
  ['up', '-d'],
  ['up', '--dry-run'],
  ['create'],
  ['scale', 'web=2'],
  ['run', '--rm', '-T', 'web', 'true'],
  ['start'],
  ['stop'],
  ['restart'],
  ['pause'],
  ['kill'],
  ['rm', '-f', '-s'],
  ['down'],
])('%s of a second checkout with the same name changes nothing and says whose it is', async (...words) => {
  const before = await ids();
  const { code, stderr } = await inFolder(two, words);
  expect(code).toBe(1);
  expect(stderr).toContain(`the containers of project ${project.name} belong to ${one}, and this is ${two}`);
  expect(stderr).toContain(`-p ${project.name}`);
  expect(stderr).toContain('two/stack.yaml:1:');
  expect(await ids()).toEqual(before);
});

test('who names the project means it, from wherever', async () => {
  expect((await inFolder(two, ['-p', project.name, 'stop'])).code).toBe(0);
  expect((await inFolder(two, ['up', '-d'], { COMPOSE_PROJECT_NAME: project.name })).code).toBe(0);
  expect((await containersOf(project.name)).map(({ state }) => state)).toEqual(['running']);
});

test('looking is no harm', async () => {
  expect((await inFolder(two, ['ps', '--services'])).stdout).toBe('web\n');
});

test('a folder that was renamed, or is reached by another way, keeps its containers', async () => {
  const before = await ids();
  mkdirSync(path.join(project.directory, 'ways'));
  symlinkSync(one, path.join(project.directory, 'ways/link'));
  expect((await inFolder(path.join(project.directory, 'ways/link'), ['up', '-d'])).code).toBe(0);
  const elsewhere = ['--project-directory', two, '-f', path.join(one, 'stack.yaml'), 'up', '-d'];
  expect((await project.run(elsewhere, { environment })).code).toBe(0);
  expect(await ids()).toEqual(before);
  rmSync(two, { recursive: true });
  renameSync(one, two);
  const { code, output } = await inFolder(two, ['up', '-d']);
  expect([code, output]).toEqual([0, expect.not.stringContaining('belong')]);
  expect(await ids()).toEqual(before);
});

test('a newer copy of a stack of elsewhere takes over the containers of the last one', async () => {
  const copy = (digit: string) => path.join(project.directory, 'stack/git', digit.repeat(40));
  for (const digit of ['a', 'b']) cpSync(one, copy(digit), { recursive: true });
  const first = ['-p', project.name, 'up', '-d', '--force-recreate'];
  expect((await inFolder(copy('a'), first)).code).toBe(0);
  const { code, output } = await inFolder(copy('b'), ['up', '-d']);
  expect([code, output]).toEqual([0, expect.not.stringContaining('belong')]);
  expect((await inFolder(two, ['stop'])).code).toBe(1);
});
