import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProject, launcher } from '../helpers/project.ts';

function withNode(version: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  try {
    const preload = path.join(folder, 'preload.cjs');
    writeFileSync(preload, `Object.defineProperty(process.versions, 'node', { value: '${version}' });\n`);
    return spawnSync(process.execPath, ['--require', preload, launcher, 'version', '--short'], {
      encoding: 'utf8',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a Node that is too old gets one line instead of a crash', () => {
  const { status, stdout, stderr } = withNode('20.20.2');
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'stack needs Node.js 22.12 or newer; this is 20.20.2.\n',
  });
});

test('the oldest Node that is promised is let in', () => {
  expect(withNode('22.12.0')).toMatchObject({ status: 0, stdout: '0.1.0\n', stderr: '' });
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
