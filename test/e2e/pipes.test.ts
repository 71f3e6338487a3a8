import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  for (const project of projects.splice(0)) await project.remove();
});

/** A stack that ends by itself once it may, whose services write colours and clear screens. */
function endingProject(): TestProject {
  const project = createProject({
    file: `services:
  db:
    image: busybox
    labels: [${testLabel}=1]
    init: true
    stop_grace_period: 0s
    command: [sh, -c, "printf 'db \\\\033[32mgreen\\\\033[0m\\\\n'; exec sleep 600"]
    healthcheck: {test: [CMD, "true"], interval: 1s}
  web:
    image: busybox
    labels: [${testLabel}=1]
    depends_on: {db: {condition: service_healthy}}
    volumes: ["./gate:/gate"]
    command:
      - sh
      - -c
      - "printf '\\\\033[2Jweb \\\\033[31mred\\\\033[0m 名前\\\\n'; echo to stderr >&2; until [ -e /gate/open ]; do usleep 20000; done; exit 3"
`,
  });
  mkdirSync(path.join(project.directory, 'gate'));
  projects.push(project);
  return project;
}

/** Lets what waits for that end. */
function openGate(project: TestProject): void {
  project.write('gate/open', '');
}

const words = ['up', '--exit-code-from', 'web'];

/** What happens to such a stack, from its plan to its end, each line with the service it is about. */
const story = [
  /plan: create 1 network, start 2 containers/,
  /db .*start container/,
  /db-1 .*db green/,
  /web .*start container/,
  /ready in .*: 2 services/,
  /web-1 .*web red 名前/,
  /web-1 .*to stderr/,
  /web +failed after .*: exit 3/,
  /db .*stop container/,
  /db +stopped/,
  /web +failed +exit 3/,
];

function expectStory(text: string): void {
  for (const part of story) expect(text).toMatch(part);
  expect(text).not.toContain('\u001B');
}

test('a pipe gets all that happens, without an escape code', async () => {
  const project = endingProject();
  const pipe = ['-c', '"$@" 2>&1 | cat', 'sh', underTest, launcher, ...words];
  const piped = project.startOther('sh', pipe);
  await piped.waitFor(/ready in/);
  openGate(project);
  const { stdout, stderr } = await piped.finished;
  expectStory(stdout);
  expect(stdout).not.toContain('\r');
  expect(stderr).toBe('');
});

test.each([
  ['a build machine', { CI: '1' }],
  ['a terminal that knows no codes', { TERM: 'dumb' }],
])('%s gets all that happens, without an escape code', async (_, env) => {
  const project = endingProject();
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, ...words],
    cwd: project.directory,
    env: { ...project.environment, ...env },
    columns: 120,
  });
  terminals.push(terminal);
  await terminal.waitFor(/ready in/);
  openGate(project);
  expect(await terminal.exit).toMatchObject({ code: 3 });
  expectStory(terminal.raw());
});

test('with --json each line is an event, up to the verdict, without an escape code', async () => {
  const project = endingProject();
  const up = project.start([...words, '--json']);
  await up.waitFor(/"stack-ready"/);
  openGate(project);
  const { stdout, stderr, code } = await up.finished;
  expect(code).toBe(3);
  expect(stderr).toBe('');
  expect(stdout).not.toContain('\u001B');
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { readonly v: number; readonly type: string; readonly service?: string },
    );
  expect(events.every(({ v }) => v === 1)).toBe(true);
  const types = events.map(({ type }) => type);
  expect(types[0]).toBe('stack-loaded');
  expect(types.at(-1)).toBe('command-ended');
  expect(types).toEqual(
    expect.arrayContaining(['plan-made', 'step-finished', 'stack-ready', 'stack-stopped']),
  );
  const logs = events.filter(({ type }) => type === 'logs-written');
  expect(new Set(logs.map(({ service }) => service))).toEqual(new Set(['db', 'web']));
});
