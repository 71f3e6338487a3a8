import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { asProgram } from '../helpers/as-program.ts';
import { createProject } from '../helpers/project.ts';

const project = createProject();
project.write('compose.yaml', 'services: {web: {image: busybox}}\n');
afterAll(() => project.remove());
const plugin = asProgram(project, 'docker-compose', 'config/cli-plugins');
const called = { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: 'docker' };

test('the docker CLI gets to know who this is', async () => {
  const { code, stdout, stderr } = await plugin.start(['docker-cli-plugin-metadata']).finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    SchemaVersion: '0.1.0',
    Vendor: 'stack',
    Version: 'v2.40.3+stack.0.1.0',
    ShortDescription: 'Docker Compose (by stack)',
  });
});

test('a plugin understands what the docker CLI hands on', async () => {
  const config = path.join(project.directory, 'config');
  const words = ['--config', config, '--context=default', 'compose', 'config', '--services'];
  expect(await plugin.start(words, called).finished).toMatchObject({ code: 0, output: 'web\n' });
  const engine = ['-H', 'unix:///no/such.sock', 'compose', 'ps'];
  const { code, stderr } = await plugin.start(engine, called).finished;
  expect(code).toBe(1);
  expect(stderr).toContain('unix:///no/such.sock');
});

test('--host and --context say where the engine is, but not to the file', async () => {
  project.write('host.yaml', 'services: {web: {image: "busybox:$DOCKER_HOST"}}\n');
  const words = ['-H', 'tcp://other:1', '-f', 'host.yaml', 'config', '--images'];
  expect((await plugin.start(words, { DOCKER_HOST: 'mine' }).finished).stdout).toBe('busybox:mine\n');
});

test('the docker CLI ends a plugin where no terminal can, by closing their connection', async () => {
  const address = path.join(project.directory, 'cli.sock');
  const server = createServer();
  const connected = new Promise<() => void>((resolve) =>
    server.on('connection', (socket) => resolve(() => socket.destroy())),
  );
  await new Promise<void>((resolve) => server.listen(address, resolve));
  try {
    const events = plugin.start(['compose', 'events'], { ...called, DOCKER_CLI_PLUGIN_SOCKET: address });
    (await connected)();
    const { code, signal } = await events.finished.then(({ code }) => ({ code, signal: code === null }));
    // Before the command is there to be asked, the signal itself ends it.
    expect(code === 130 || signal).toBe(true);
  } finally {
    server.close();
  }
});

/** The docker CLI itself, if this machine has one. */
const docker = spawnSync('docker', ['--version']).status === 0;

test.skipIf(!docker)('docker compose is stack once the link is there', async () => {
  const ask = (words: readonly string[]) =>
    project.startOther('docker', ['--config', path.join(project.directory, 'config'), ...words], {
      environment: { PATH: `${plugin.folder}${path.delimiter}${process.env.PATH ?? ''}` },
    }).finished;
  const version = 'Docker Compose version v2.40.3+stack.0.1.0\n';
  expect(await ask(['compose', 'version'])).toMatchObject({ code: 0, output: version });
  expect((await ask(['compose', '-f', 'compose.yaml', 'config', '--services'])).output).toBe('web\n');
  expect((await ask(['compose'])).stdout).toMatch(/^Usage: docker compose/);
  expect((await ask(['help', 'compose', 'up'])).stdout).toMatch(/^Usage: docker compose up/);
  expect((await ask(['compose', 'upp'])).code).toBe(1);
  // What shells ask that complete words after `docker`.
  expect((await ask(['__complete', 'compose', 'up', ''])).stdout).toBe('web\n:4\n');
});
