import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProject, launcher } from '../helpers/project.ts';

/** What a launcher does under a Node that says to be of a version. */
function withNode(version: string, program = launcher) {
  const folder = temporaryFolder();
  const preload = path.join(folder, 'preload.cjs');
  writeFileSync(preload, `Object.defineProperty(process.versions, 'node', { value: '${version}' });\n`);
  const run = spawnSync(process.execPath, ['--require', preload, program, 'version', '--short'], {
    encoding: 'utf8',
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a Node that is too old gets one line instead of a crash', () => {
  const installed = path.join(temporaryFolder(), 'bin');
  cpSync(path.dirname(launcher), installed, { recursive: true });
  writeFileSync(path.join(installed, '../package.json'), '{"type":"module"}');
  expect(withNode('20.20.2', path.join(installed, 'stack.js'))).toEqual({
    status: 1,
    stdout: '',
    stderr: 'stack needs Node.js 22.12 or newer; this is 20.20.2.\n',
  });
});

test('a clone runs under its own Node where the one on the path is too old', () => {
  expect(withNode('20.20.2')).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
});

test('what the clone’s own Node is sent and ends with goes through', async () => {
  const project = createProject({
    file: 'services: {web: {image: busybox, init: true, command: sh -c "echo ready to stop; sleep infinity"}}',
  });
  onTestFinished(() => project.remove());
  const old = path.join(project.directory, 'old.cjs');
  writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });\n");
  const up = project.startOther(process.execPath, ['--require', old, launcher, 'up']);
  await up.waitFor(/ready to stop/);
  up.signal('SIGINT');
  expect((await up.finished).code).toBe(130);
});

test('the oldest Node that is promised is let in', () => {
  expect(withNode('22.12.0')).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
});

test('in the place of Docker Compose, Node leaves what is said to the program', async () => {
  const project = createProject({ file: 'services: {web: {image: busybox}}' });
  onTestFinished(() => project.remove());
  const link = path.join(project.directory, 'docker-compose');
  symlinkSync(path.join(path.dirname(launcher), 'docker-compose.js'), link);
  const environment = { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin` };
  const run = (words: readonly string[]) => project.startOther(link, words, { environment }).finished;
  expect(await run(['--env-file', 'no such file', 'config'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`the env file ${project.directory}/no such file does not exist`),
  });
  expect(await run(['version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Docker Compose v/),
  });
});
