import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { createProject, launcher, type TestProject, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
afterEach(() => {
  // Nothing here talks to an engine.
  for (const { directory } of projects.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function projectOf(file: string): TestProject {
  const project = createProject({ file });
  projects.push(project);
  return project;
}

const secret = 'services:\n  web:\n    image: nginx\n    environment: {DB_PASSWORD: s3cr3t, A: a}\n';

async function onTerminal(project: TestProject, words: readonly string[]): Promise<string> {
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, ...words],
    cwd: project.directory,
    env: project.environment,
  });
  await terminal.exit;
  const text = terminal.lines().join('\n').trimEnd();
  terminal.dispose();
  return text;
}

test('credentials are masked on a terminal and nowhere else', async () => {
  const project = projectOf(secret);
  const seen = await onTerminal(project, ['config']);
  expect(seen).toContain("DB_PASSWORD: '********'");
  expect(seen).toContain('1 value is masked; to see it: --show-secrets');
  expect(await onTerminal(project, ['config', '--show-secrets'])).toContain('DB_PASSWORD: s3cr3t');
  const piped = await project.run(['config']);
  expect(piped.stdout).toContain('DB_PASSWORD: s3cr3t');
  expect(piped.stderr).toBe('');
  expect(await onTerminal(project, ['config', '-o', 'out.yaml'])).toBe('');
  expect(readFileSync(path.join(project.directory, 'out.yaml'), 'utf8')).toBe(piped.stdout);
});

test('a variable is shown masked with the environment, and with the place of a value', async () => {
  const project = projectOf(secret.replace('s3cr3t', '"${MY_TOKEN}"'));
  project.write('.env', 'MY_TOKEN=t0ken-1\n');
  expect(await onTerminal(project, ['config', '--environment'])).toContain('MY_TOKEN=********');
  expect(await onTerminal(project, ['config', '--origin', 'services.web.environment'])).toContain(
    'services.web.environment.DB_PASSWORD: "********"',
  );
  expect((await project.run(['config', '--environment'])).stdout).toContain('MY_TOKEN=t0ken-1\n');
});

test('a file is written whole or not at all', async () => {
  const project = projectOf(secret);
  const failed = await project.run(['config', '-o', 'none/out.yaml']);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /none\/out\.yaml cannot be written\n {2}hint: create the folder .*none first/,
  );
  project.write('out.yaml', 'before');
  await project.run(['config', '-o', 'out.yaml', '--quiet']);
  expect(readFileSync(path.join(project.directory, 'out.yaml'), 'utf8')).toBe('before');
  project.write('stack.yaml', 'services: 1');
  expect((await project.run(['config', '-o', 'out.yaml'])).code).toBe(1);
  expect(readdirSync(project.directory).toSorted()).toEqual(['out.yaml', 'stack.yaml']);
});

test('JSON has no line end as with Docker Compose, but on a terminal; a blank name of a file is none', async () => {
  const project = projectOf(secret);
  const piped = await project.run(['config', '--format', 'json', '-o', '']);
  expect(piped.stdout.endsWith('}')).toBe(true);
  await project.run(['config', '--format', 'json', '-o', 'out.json']);
  expect(readFileSync(path.join(project.directory, 'out.json'), 'utf8')).toBe(piped.stdout);
  expect(await onTerminal(project, ['config', '--format', 'json'])).toMatch(/\n}\n1 value is masked/);
});

test('--compatibility leaves out what is implied, and either form of it names images with _', async () => {
  const project = projectOf('services:\n  web:\n    build: .\n');
  const compatible = { environment: { COMPOSE_COMPATIBILITY: 'true' } };
  expect((await project.run(['--compatibility', 'config'])).stdout).not.toContain('_default');
  expect((await project.run(['config'], compatible)).stdout).toContain('_default');
  expect((await project.run(['--compatibility', 'config', '--images'])).stdout).toBe(`${project.name}_web\n`);
  expect((await project.run(['config', '--images'], compatible)).stdout).toBe(`${project.name}_web\n`);
  expect((await project.run(['config', '--images'])).stdout).toBe(`${project.name}-web\n`);
});

test('check is silent when all is well, fails for errors and with --strict for warnings', async () => {
  const project = projectOf(secret);
  expect(await project.run(['check'])).toMatchObject({ code: 0, output: '' });
  expect(await onTerminal(project, ['check'])).toBe('no problems');
  expect((await project.run(['check', '--json'])).stdout).toBe('{"v":1,"problems":[]}\n');
  project.write('stack.yaml', `version: "3"\n${secret}`);
  expect((await project.run(['check'])).code).toBe(0);
  const strict = await project.run(['check', '--strict']);
  expect(strict).toMatchObject({ code: 1, stdout: '' });
  expect(strict.stderr).toContain('stack.yaml:1:1 warning:');
  project.write('stack.yaml', 'services:\n  web:\n    build: none\n');
  const json = await project.run(['check', '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ v: 1, problems: [{ code: 'missing-build-file' }] });
});

test('a file of version 1 says how it is upgraded, and loads once it is', async () => {
  const project = projectOf('# mine\n\nweb:\n  image: nginx # here\n');
  const refused = await project.run(['config']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('stack config --upgrade');
  const upgraded = await project.run(['config', '--upgrade', '-o', 'stack.yaml']);
  expect(upgraded).toMatchObject({ code: 0, output: '' });
  expect(readFileSync(path.join(project.directory, 'stack.yaml'), 'utf8')).toBe(
    '# mine\n\nservices:\n  web:\n    image: nginx # here\n',
  );
  expect((await project.run(['config', '--services'])).stdout).toBe('web\n');
  const several = await project.run(['-f', 'stack.yaml', '-f', 'stack.yaml', 'config', '--upgrade']);
  expect(several.code).toBe(1);
  expect(several.stderr).toContain('`--upgrade` works on one file at a time');
});

test('digests that were not waited for are no configuration, and nothing is written', async () => {
  const project = projectOf(secret);
  const engine = createServer();
  onTestFinished(() => void engine.close());
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const { port } = engine.address() as AddressInfo;
  const words = ['config', '--resolve-image-digests', '-o', 'lock.yaml'];
  const asking = project.start(words, { environment: { DOCKER_HOST: `tcp://127.0.0.1:${port}` } });
  // It never answers.
  const [socket] = await once(engine, 'connection');
  asking.signal('SIGINT');
  expect((await asking.finished).code).toBe(130);
  socket.destroy();
  expect(readdirSync(project.directory)).not.toContain('lock.yaml');
});

test('a dry run writes no file, and an option that is none is an event with --json', async () => {
  const project = projectOf(secret);
  const dry = await project.run(['--dry-run', 'config', '-o', 'out.yaml']);
  expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('DB_PASSWORD') });
  expect(readdirSync(project.directory)).not.toContain('out.yaml');
  for (const words of [
    ['--json', 'config', '--nope'],
    ['config', '--json', '--nope'],
  ])
    expect(JSON.parse((await project.run(words)).stdout.split('\n')[0] ?? '')).toMatchObject({
      problem: { code: 'invalid-option' },
    });
});
