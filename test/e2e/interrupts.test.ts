import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

const labels = `labels: [${testLabel}=1]`;
const sleeper = `{image: busybox, ${labels}, init: true, command: [sleep, "600"]}`;
function projectOf(file: string): TestProject {
  const project = createProject({ file });
  projects.push(project);
  return project;
}

async function running(project: TestProject): Promise<string[]> {
  return (await containersOf(project.name))
    .filter(({ state }) => state === 'running')
    .map(({ service }) => service);
}

test('what the engine was told to start when Ctrl-C came is stopped too', async () => {
  const project = projectOf(
    `services:\n  a: ${sleeper}\n  b: ${sleeper}\n  c: ${sleeper}\n  d: ${sleeper}\n`,
  );
  const up = project.start(['--json', 'up']);
  await up.waitFor(/"type":"step-started","id":"start:/);
  up.signal('SIGINT');
  expect((await up.finished).code).toBe(130);
  expect(await running(project)).toEqual([]);
});

test('a reader that goes away ends up, and the services with it', async () => {
  const project = projectOf(`services:
  chatty: {image: busybox, ${labels}, init: true, command: [sh, -c, "while true; do echo line; sleep 0.01; done"]}
`);
  const shell = `"$0" "$1" up | head -n 20 >&2; echo "ended with \${PIPESTATUS[0]}"`;
  const { output } = await project.startOther('bash', ['-c', shell, underTest, launcher]).finished;
  expect(output).toContain('ended with 130');
  expect(output).not.toContain('EPIPE');
  expect(await running(project)).toEqual([]);
});

test('a terminal that is closed ends up, and the services with it', async () => {
  const project = projectOf(`services:\n  a: ${sleeper}\n`);
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, 'up'],
    cwd: project.directory,
    env: project.environment,
  });
  await terminal.waitFor(/1\/1 ready/);
  process.kill(terminal.pid, 'SIGHUP');
  await terminal.exit;
  expect(await running(project)).toEqual([]);
});

test('Ctrl-C ends a command that still reads its file from a person', async () => {
  const project = projectOf('services: {}\n');
  const terminal = openTerminal({
    command: 'bash',
    args: ['-c', 'echo waiting; "$0" "$1" -f - ps; echo "ended with $?"', underTest, launcher],
    cwd: project.directory,
    env: project.environment,
  });
  await terminal.waitFor(/waiting/);
  // Typed ahead, it is taken when the program begins to read; Ctrl-C before that would end it in any case.
  terminal.type('services:\n');
  await terminal.waitFor(/services:/);
  terminal.type('\u0003');
  await terminal.exit;
  expect(terminal.screen().join('\n')).not.toContain('mistake');
});

test('Ctrl-C of `up SERVICE` leaves alone what others may use', async () => {
  const project = projectOf(
    `services:\n  db: ${sleeper}\n  web: {image: busybox, ${labels}, init: true, command: [sleep, "600"], depends_on: [db]}\n`,
  );
  expect((await project.run(['up', '-d'])).code).toBe(0);
  const up = project.start(['--json', 'up', 'web']);
  await up.waitFor(/"type":"stack-ready"/);
  up.signal('SIGINT');
  expect((await up.finished).code).toBe(130);
  expect(await running(project)).toEqual(['db']);
});

const builtFile = (rest: string): string => `services:
  app:
    build: {context: ./app, ${labels}}
    ${labels}
    init: true
${rest}`;

test('a file that is saved while the stack still starts is not forgotten', async () => {
  const project = projectOf(`${builtFile('')}  slow:
    image: busybox
    ${labels}
    init: true
    command: [sh, -c, "until [ -e /go ]; do sleep 0.05; done; touch /ready; sleep 600"]
    volumes: ["./go:/go-folder"]
    healthcheck: {test: [CMD, test, -e, /go-folder/now], interval: 1h}
  last: {image: busybox, ${labels}, init: true, command: [sleep, "600"], depends_on: {slow: {condition: service_healthy}}}
`);
  project.write(
    'app/Dockerfile',
    'FROM busybox\nCOPY word /word\nCMD ["sh", "-c", "cat /word; sleep 600"]\n',
  );
  project.write('app/word', 'first\n');
  project.write('go/.keep', '');
  const up = project.start(['--json', 'up', '--watch']);
  await up.waitFor(/"lines":\["first"\]/);
  project.write('app/word', 'second\n');
  project.write('go/now', '');
  await up.waitFor(/"lines":\["second"\]/);
  up.signal('SIGINT');
  await up.finished;
});

test('a service that the last save broke is mended by the next one', async () => {
  const project = projectOf(builtFile(''));
  const script = (text: string): void => project.write('app/run', text);
  project.write('app/Dockerfile', 'FROM busybox\nCOPY run /run.sh\nCMD ["sh", "/run.sh"]\n');
  script('echo works; sleep 600\n');
  const up = project.start(['--json', 'up', '--watch']);
  await up.waitFor(/"lines":\["works"\]/);
  await up.waitFor(/"type":"watch-started"/);
  script('echo broken; exit 3\n');
  await up.waitFor(/"state":"exited","exitCode":3|ended with exit code 3/);
  script('echo mended; sleep 600\n');
  await up.waitFor(/"lines":\["mended"\]/);
  // What answered until then ends when the new one has taken over.
  await up.waitFor(/"step-finished"[^\n]*"remove:/);
  expect(await running(project)).toEqual(['app']);
  up.signal('SIGINT');
  expect((await up.finished).code).toBe(130);
});

test('ps and down work though an env file is gone; a stack file that was named has to be there', async () => {
  const project = projectOf(builtFile('    env_file: app.env\n    command: [sleep, "600"]\n'));
  project.write('app.env', 'A=b\n');
  project.write('app/Dockerfile', 'FROM busybox\n');
  expect((await project.run(['up', '-d'])).code).toBe(0);
  rmSync(path.join(project.directory, 'app.env'));
  expect((await project.run(['ps'])).stdout).toContain(`${project.name}-app-1`);
  expect((await project.run(['down'])).code).toBe(0);
  const { output } = await project.run([
    '-p',
    project.name,
    '--project-directory',
    '/',
    '-f',
    '/no/such',
    'down',
  ]);
  expect(output).toContain('/no/such');
});
