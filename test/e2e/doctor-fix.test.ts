import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

/** A machine of Debian without an engine and without a network, on which this program is. */
let project: TestProject;
beforeEach(async () => {
  project = createProject({
    file: `services:
  machine:
    image: node:24-slim
    command: [sleep, infinity]
    init: true
    network_mode: none
    working_dir: /tmp
    labels: [${testLabel}=1]
    volumes: ["${path.resolve(launcher, '../..')}:/stack:ro"]
`,
  });
  expect(await project.run(['up', '-d'])).toMatchObject({ code: 0 });
});
afterEach(() => project.remove());

const on = (...words: string[]) =>
  project.run(['exec', '-T', 'machine', 'node', '/stack/bin/stack.js', ...words]);
const commands = [
  '  $ apt-get update',
  '  $ env DEBIAN_FRONTEND=noninteractive apt-get install --yes docker.io',
].join('\n');

test('an engine is offered where there is none, installed only if that is wanted, and what fails is told', async () => {
  const json = await on('doctor', '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout).fixes).toMatchObject([
    { id: 'install-engine', commands: [['apt-get', 'update'], expect.arrayContaining(['docker.io'])] },
  ]);
  expect((await on('doctor')).stdout).toContain(
    '\nstack doctor --fix can install the Docker Engine with apt-get\n',
  );

  for (const [words, told] of [
    [['--fix'], 'nobody can be asked: --yes has it done'],
    [['--fix', '--yes', '--dry-run'], commands],
  ] as const) {
    const { code, stderr } = await on('doctor', ...words);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`to install the Docker Engine with apt-get:\n${commands}\n`),
    ]);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain('Reading package lists');
  }

  const failed = await on('doctor', '--fix', '--yes');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /error: it was not possible to install the Docker Engine with apt-get: .* docker\.io ended with \d+\n {2}hint: mend what it complains of, then: env .* docker\.io\n/,
  );
  expect(failed.stderr).toContain('name an engine elsewhere: export DOCKER_HOST=ssh://USER@HOST');
  expect(failed.stdout).toContain('✗ no Docker Engine answers');

  const file = 'services: {a: {image: busybox}}';
  const up = await project.run([
    ...['exec', '-T', 'machine', 'sh', '-c'],
    `echo '${file}' > stack.yaml && node /stack/bin/stack.js up -d`,
  ]);
  expect(up.code).toBe(1);
  expect(up.stderr).toContain('; or have one installed or started: stack doctor --fix\n');
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, 'exec', 'machine', 'node', '/stack/bin/stack.js', 'up'],
    cwd: project.directory,
    env: project.environment,
    columns: 120,
  });
  onTestFinished(() => terminal.dispose());
  await terminal.waitFor(/do that\? \[yN\]/);
  expect(terminal.lines().join('\n')).toContain(commands);
  terminal.type('n\r');
  expect(await terminal.exit).toMatchObject({ code: 1 });
  expect(terminal.lines().join('\n')).not.toContain('Reading package lists');
  expect((await on('doctor', '--yes')).stderr).toContain('--yes is about --fix');
});
