import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProject, launcher, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

/** What a launcher does under a Node that lacks what the program needs. */
function withOldNode(program = launcher) {
  const words = ['--require', preloadOfOld(temporaryFolder()), program, 'version', '--short'];
  const { status, stdout, stderr } = spawnSync(underTest, words, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function preloadOfOld(folder: string): string {
  const file = path.join(folder, 'old.cjs');
  writeFileSync(
    file,
    "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });\nprocess.getBuiltinModule = undefined;\n",
  );
  return file;
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
  expect(withOldNode(path.join(installed, 'stack.js'))).toEqual({
    status: 1,
    stdout: '',
    stderr: 'stack needs Node.js 20.16, or 22.3 or newer; this is 18.20.4.\n',
  });
});

test('a clone runs under its own Node where the one on the path is too old', () => {
  expect(withOldNode()).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
});

test('what the clone’s own Node is sent and ends with goes through', async () => {
  const project = createProject({
    file: 'services: {web: {image: busybox, init: true, command: sh -c "echo ready to stop; sleep infinity"}}',
  });
  onTestFinished(() => project.remove());
  const up = project.startOther(underTest, ['--require', preloadOfOld(project.directory), launcher, 'up']);
  await up.waitFor(/ready to stop/);
  up.signal('SIGINT');
  expect((await up.finished).code).toBe(130);
});

/** A Node.js of this machine that is another one than that of the tests and can run the program: people have all kinds. */
const others = (process.env.PATH ?? '')
  .split(path.delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => path.join(folder, 'node'))
  .find((program) => {
    const report = '[process.version, typeof process.getBuiltinModule].join()';
    const { stdout } = spawnSync(program, ['-p', report], { encoding: 'utf8' });
    return stdout?.endsWith(',function\n') && !stdout.startsWith(`${process.version},`);
  });

// Where there is no other Node.js on the path there is nothing to try.
test.skipIf(others === undefined)(
  'another Node.js than that of the clone runs all of it by itself',
  async () => {
    const project = createProject({
      file: `services:
  web:
    build: { context: ., dockerfile_inline: "FROM busybox\\nCOPY page /page" }
    init: true
    labels: [${testLabel}=1]
    command: [sh, -c, "cat /page; sleep infinity"]
`,
    });
    onTestFinished(() => project.remove());
    project.write('page', 'page one\n');
    const terminal = openTerminal({
      command: others ?? '',
      args: [launcher, 'up'],
      cwd: project.directory,
      env: { ...project.environment, CI: undefined, NO_COLOR: undefined },
    });
    onTestFinished(() => terminal.dispose());
    await terminal.waitFor(/page one/);
    await terminal.waitFor(/watching/);
    project.write('page', 'page two\n');
    await terminal.waitFor(/rebuilt in/);
    const run = (...words: string[]) => project.startOther(others ?? '', [launcher, ...words]).finished;
    expect(await run('exec', '-T', 'web', 'cat', '/page')).toMatchObject({ code: 0, stdout: 'page two\n' });
    expect(await run('ps', '--format', '{{.Service}} {{.State}}')).toMatchObject({ stdout: 'web running\n' });
    terminal.type('\u0003');
    expect(await terminal.exit).toMatchObject({ code: 130 });
    expect(await run('down')).toMatchObject({ code: 0 });
  },
);

test('in the place of Docker Compose, Node leaves what is said to the program', async () => {
  const project = createProject({ file: 'services: {web: {image: busybox}}' });
  onTestFinished(() => project.remove());
  const link = path.join(project.directory, 'docker-compose');
  symlinkSync(path.join(path.dirname(launcher), 'docker-compose.js'), link);
  const environment = { PATH: `${path.dirname(underTest)}:/usr/bin:/bin` };
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

test('in a folder that has been removed it says so', async () => {
  const project = createProject();
  onTestFinished(() => project.remove());
  const script = 'mkdir gone && cd gone && rmdir "$PWD" && "$0" "$1" up -d';
  const run = project.startOther('bash', ['-c', script, underTest, launcher]).finished;
  expect(await run).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^error: .* has been removed\n {2}hint: /m),
  });
});
