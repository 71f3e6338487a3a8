import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
const program = path.join(folder, 'stack');
let project: TestProject;

beforeAll(() => {
  execFileSync(process.execPath, [path.join(repository, 'test/lab/package.ts'), '--output', program]);
  const common = `image: busybox, command: sleep 1000, stop_grace_period: 0s, labels: [${testLabel}]`;
  project = createProject({
    file: `services: {db: {${common}}, web: {${common}, depends_on: [db]}}\n`,
  });
  // No Node.js is to be found, nor anything else.
  Object.assign(project.environment, { PATH: folder });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await project.remove();
});

const run = (...words: readonly string[]) => project.startOther(program, words).finished;

test('one file is the whole program, where there is no Node.js', async () => {
  expect(await run('version', '--short')).toMatchObject({ code: 0, output: '0.1.0\n' });
  expect(await run('config', '--services')).toMatchObject({ code: 0, output: 'db\nweb\n' });
  expect(await run('up', '-d')).toMatchObject({ code: 0 });
  expect(await run('ps', '--services')).toMatchObject({ code: 0, output: 'db\nweb\n' });
  expect(await run('exec', '-T', 'web', 'echo', 'hello')).toMatchObject({ code: 0, stdout: 'hello\n' });
});

test('it has its screens in it', async () => {
  const { environment, directory: cwd } = project;
  const env = { ...environment, CI: undefined, NO_COLOR: undefined };
  const terminal = openTerminal({ command: program, args: ['up'], cwd, env });
  await terminal.waitFor(/2\/2 ready/);
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 0 });
});

test('under the name of Docker Compose it stands in its place', async () => {
  const link = path.join(folder, 'docker-compose');
  symlinkSync(program, link);
  const { stdout } = await project.startOther(link, ['version']).finished;
  expect(stdout).toMatch(/^Docker Compose version v2/);
});
