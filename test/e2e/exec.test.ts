import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

const untilTerm = '[sh, -c, "trap \'exit 3\' TERM; echo hello; while true; do sleep 0.1; done"]';
const file = `services:
  web:
    image: busybox
    labels: [${testLabel}=1]
    command: ${untilTerm}
    environment: {A: file}
    scale: 2
  shell:
    image: busybox
    labels: [${testLabel}=1]
    tty: true
    stdin_open: true
    command: [sh]
  ticker:
    image: busybox
    labels: [${testLabel}=1]
    command: [sh, -c, "trap 'exit 3' TERM; while true; do echo tick; sleep 0.1; done"]
  stopped:
    image: busybox
    labels: [${testLabel}=1]
    command: ["true"]
`;

let project: TestProject;
beforeAll(async () => {
  project = createProject();
  project.write('compose.yaml', file);
  project.write('.env', 'FROM_FILE=dotenv\n');
  expect((await project.run(['up', '-d'])).output).not.toContain('error');
});
afterAll(() => project.remove());

const cases: readonly { readonly words: readonly string[]; readonly input?: string }[] = [
  { words: ['exec', 'web', 'echo', 'hi'] },
  { words: ['exec', 'web', 'sh', '-c', 'echo out; exit 7'] },
  { words: ['exec', 'web', 'nope'] },
  { words: ['exec', '-T', 'web', '/etc'] },
  { words: ['exec', '-w', '/nope', 'web', 'true'] },
  { words: ['exec', '-d', 'web', 'nope'] },
  { words: ['exec', '-d', 'web', 'true'] },
  { words: ['exec', '-u', 'nobody-here', 'web', 'true'] },
  { words: ['exec', '--index', '2', 'web', 'hostname'] },
  { words: ['exec', '--index', '5', 'web', 'true'] },
  { words: ['exec', 'stopped', 'true'] },
  { words: ['exec', 'nosuch', 'true'] },
  { words: ['exec', 'web'] },
  {
    words: [
      'exec',
      '-e',
      'FROM_FILE',
      '-e',
      'A=given',
      '-e',
      'UNSET',
      'web',
      'sh',
      '-c',
      'echo $FROM_FILE $A ${UNSET-none}',
    ],
  },
  { words: ['exec', '-u', '1', '-w', '/tmp', 'web', 'sh', '-c', 'id -u; pwd'] },
  {
    words: [
      'exec',
      '--privileged',
      'web',
      'sh',
      '-c',
      'grep -c . /proc/self/status >/dev/null; grep CapEff /proc/self/status',
    ],
  },
  { words: ['exec', 'web', 'sh', '-c', 'echo --detach=true -T'] },
  { words: ['exec', '-T', 'web', 'echo', '--detach=true', '-T=false'] },
  { words: ['exec', '--no-TTY', '-T', 'web', 'cat'], input: 'piped' },
  { words: ['exec', '-i=false', 'web', 'cat'], input: 'piped' },
  { words: ['exec', '--interactive=false', 'web', 'cat'], input: 'piped' },
  { words: ['attach', '--index', '9', 'web'] },
  { words: ['attach', 'stopped'] },
  { words: ['export', 'nosuch'] },
  { words: ['export', '--index', '9', 'web'] },
  { words: ['commit', '--index', '9', 'web'] },
  { words: ['stats', '--no-stream', 'web', 'shell'] },
  { words: ['stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'shell'] },
  { words: ['stats', '--no-stream', 'nosuch'] },
];

describe.skipIf(compose === undefined)('exit code and stdout are those of Docker Compose', () => {
  test.each(cases)('$words', async ({ words, input }) => {
    const options = input === undefined ? {} : { input };
    const theirs = await project.startOther(compose ?? '', words, options).finished;
    const ours = await project.run(words, options);
    expect({ code: ours.code, stdout: ours.stdout }).toEqual({ code: theirs.code, stdout: theirs.stdout });
  });
});

test('what goes wrong is told with a way out', async () => {
  const told = async (...words: string[]) => (await project.run(words)).stderr;
  expect(await told('exec', 'web', 'nope')).toMatch(/there is no nope in web\n +hint: /);
  expect(await told('exec', '-d', 'web', 'nope')).toMatch(/there is no nope in web\n +hint: /);
  expect(await told('exec', '-w', '/nope', 'web', 'true')).toContain('web has no folder /nope');
  expect(await told('exec', '--index', '5', 'web', 'true')).toContain(
    'service "web" is not running container #5',
  );
  expect(await told('exec', 'stopped', 'true')).toContain('service "stopped" is not running');
});

test('output goes where the command sent it', async () => {
  const { stdout, stderr } = await project.run(['exec', 'web', 'sh', '-c', 'echo out; echo err >&2']);
  expect([stdout, stderr]).toEqual(['out\n', 'err\n']);
});

test('what is piped in comes out byte for byte, and the end of it arrives', async () => {
  const bytes = randomBytes(20_000_000);
  const child = spawn(underTest, [launcher, 'exec', '-T', 'web', 'cat'], {
    cwd: project.directory,
    env: project.environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(bytes);
  const hash = createHash('sha256');
  for await (const chunk of child.stdout) hash.update(chunk);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('SIGINT ends waiting for a command', async () => {
  const waiting = project.start(['exec', '-T', 'web', 'sh', '-c', 'echo begun; sleep 30']);
  await waiting.waitFor(/begun/);
  waiting.signal('SIGINT');
  expect((await waiting.finished).code).toBe(130);
});

function terminalWith(...words: string[]): Terminal {
  const { COMPOSE_PROJECT_NAME } = project.environment;
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, ...words],
    cwd: project.directory,
    env: { COMPOSE_PROJECT_NAME },
    columns: 100,
    rows: 30,
  });
  onTestFinished(() => terminal.dispose());
  return terminal;
}

describe('with a terminal', () => {
  test('the command has one of the same size, which follows', async () => {
    const terminal = terminalWith('exec', 'web', 'sh');
    await terminal.waitFor(/# $/m);
    terminal.type('stty size\r');
    await terminal.waitFor(/^30 100$/m);
    await terminal.resize(90, 20);
    terminal.type('until stty size | grep "^20 90"; do :; done\r');
    await terminal.waitFor(/^20 90$/m);
    // Line ends are as the command made them.
    expect(terminal.raw()).not.toContain('\r\r\n');
    terminal.type('exit 5\r');
    expect((await terminal.exit).code).toBe(5);
  });

  test('keys are for the command, also Ctrl-C', async () => {
    const terminal = terminalWith(
      'exec',
      'web',
      'sh',
      '-c',
      'trap "echo caught; exit 4" INT; echo ready; while :; do sleep 0.1; done',
    );
    await terminal.waitFor(/ready/);
    terminal.type('\u0003');
    expect((await terminal.exit).code).toBe(4);
    expect(terminal.screen().join('\n')).toContain('caught');
  });

  test('the keys that leave it let the command go on, and the terminal is as it was', async () => {
    const terminal = terminalWith('exec', 'web', 'sh', '-c', 'echo ready; sleep 60');
    await terminal.waitFor(/ready/);
    terminal.type('\u0010\u0011');
    expect((await terminal.exit).code).toBe(0);
    const { stdout } = await project.run(['exec', '-T', 'web', 'ps']);
    expect(stdout).toContain('sleep 60');
  });

  test("attach, with keys of one's own choice", async () => {
    const terminal = terminalWith('attach', '--detach-keys', 'ctrl-x,q', 'shell');
    terminal.type('echo $((40 + 2))\r');
    await terminal.waitFor(/^42$/m);
    terminal.type('\u0018q');
    expect((await terminal.exit).code).toBe(0);
    expect((await containersOf(project.name)).find(({ service }) => service === 'shell')?.state).toBe(
      'running',
    );
  });

  test('attach ends as the process does', async () => {
    const terminal = terminalWith('attach', 'shell');
    terminal.type('exit 6\r');
    expect((await terminal.exit).code).toBe(6);
  });
});

test('attach hands signals on, and gives the exit code of the process', async () => {
  const attached = project.start(['attach', '--no-stdin', 'ticker']);
  await attached.waitFor(/tick/);
  attached.signal('SIGTERM');
  expect((await attached.finished).code).toBe(3);
});

test('export writes a file that only its owner can read; commit makes an image', async () => {
  expect((await project.run(['export', '-o', 'web.tar', 'web'])).code).toBe(0);
  const { mode, size } = statSync(path.join(project.directory, 'web.tar'));
  expect((mode & 0o777).toString(8)).toBe('600');
  expect(size).toBeGreaterThan(100_000);
  const image = `${project.name}-web:made`;
  const label = `LABEL com.docker.compose.project=${project.name}`;
  const { code, stderr } = await project.run(['commit', '-c', label, '-c', 'ENV MADE=1', 'web', image]);
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/^committed \S+-web-1 as sha256:[0-9a-f]{64}\n$/),
  ]);
});
