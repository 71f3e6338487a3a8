import { mkdirSync, renameSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { stackWithData as file } from '../helpers/keeping.ts';
import { createProject, type TestProject } from '../helpers/project.ts';

let project: TestProject;
afterEach(async () => {
  for (const name of [first, second]) await project.run(['-p', name(), 'down', '--volumes']);
  await project.remove();
});

const first = (): string => `${project.name}-first`;
const second = (): string => `${project.name}-second`;

/** As where nobody has said how the project is called. */
const environment = { COMPOSE_PROJECT_NAME: '' };
const inFolder = (folder: string, ...words: readonly string[]) =>
  project.run(['--project-directory', folder, '-f', `${folder}/stack.yaml`, ...words], { environment });

test('a renamed folder and another name: it is said where the data is before empty volumes are made', async () => {
  project = createProject();
  project.write(`${first()}/stack.yaml`, file);
  expect(await inFolder(first(), 'up', '-d')).toMatchObject({ code: 0 });
  const write = ['exec', '-T', 'web', 'sh', '-c', 'echo kept > /data/file'];
  expect(await inFolder(first(), ...write)).toMatchObject({ code: 0 });
  const told = (other: string) =>
    new RegExp(
      `warning: project ${second()} begins with empty volumes, and there is volume ${first()}_data \\(5B, .* old\\) of project ${first()}, which was in ${project.directory}/${other}`,
    );

  // Another name in the same folder.
  project.write(`${first()}/stack.yaml`, `name: ${second()}\n${file}`);
  const plan = await inFolder(first(), 'plan');
  expect(plan.output).toMatch(told(first()));
  const named = await inFolder(first(), 'up', '-d', '--json');
  const events = named.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const warned = events.findIndex(({ problem }) => problem?.code === 'volume-elsewhere');
  const began = events.findIndex(({ type }) => type === 'step-started');
  expect([warned > 0, warned < began]).toEqual([true, true]);
  expect(events[warned].problem).toMatchObject({
    hint: expect.stringContaining(`stack -p ${first()} up`),
    location: { line: 1 },
  });
  // It is said once; and who names a project means that one.
  expect((await inFolder(first(), 'up', '-d')).output).not.toContain('empty volumes');
  expect(await inFolder(first(), 'down', '--volumes')).toMatchObject({ code: 0 });
  const meant = await project.run(['-p', second(), '-f', `${first()}/stack.yaml`, 'create'], { environment });
  expect(meant.output).not.toContain('empty volumes');
  expect(await inFolder(first(), 'down', '--volumes')).toMatchObject({ code: 0 });

  // The folder gets another name while nothing of it is left but the volume.
  project.write(`${first()}/stack.yaml`, file);
  expect(await inFolder(first(), 'down')).toMatchObject({ code: 0 });
  renameSync(`${project.directory}/${first()}`, `${project.directory}/${second()}`);
  expect((await inFolder(second(), 'create')).output).toMatch(told(first()));
  expect(await inFolder(second(), 'down', '--volumes')).toMatchObject({ code: 0 });

  // A stranger's folder whose volume has the same name in the file says nothing.
  mkdirSync(`${project.directory}/${second()}-other`);
  project.write(`${second()}-other/stack.yaml`, file);
  const stranger = await inFolder(`${second()}-other`, 'plan');
  expect([stranger.code, stranger.output.includes('empty volumes')]).toEqual([0, false]);
});
