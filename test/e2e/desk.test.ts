import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  for (const project of projects.splice(0)) await project.remove();
});

const interrupt = '\u0003';

function projectOf(file: string): TestProject {
  const project = createProject({ file });
  projects.push(project);
  return project;
}

function open(project: TestProject, words: readonly string[], env: Record<string, string> = {}): Terminal {
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, ...words],
    cwd: project.directory,
    env: { ...project.environment, CI: undefined, NO_COLOR: undefined, ...env },
    columns: 120,
    rows: 30,
  });
  terminals.push(terminal);
  return terminal;
}

const service = (name: string, script = 'exec sleep infinity'): string => `  ${name}:
    image: busybox
    init: true
    command: [sh, -c, 'echo ${name} begins; ${script}']
    labels: [${testLabel}=1]
`;

async function statesOf(project: TestProject): Promise<readonly string[]> {
  const containers = await containersOf(project.name);
  return containers.map(({ service, number, state }) => `${service}-${number} ${state}`).toSorted();
}

test('a person restarts, scales, opens a shell, stops, starts and leaves, comes back and takes all down', async () => {
  const project = projectOf(`services:\n${service('db')}${service('web')}`);
  const first = open(project, ['up', '--ui', 'full']);
  await first.waitFor(/2\/2 ready/);
  await first.waitFor(/web begins/);
  const [before] = await containersOf(project.name);
  await first.waitFor(/>. db/);
  first.type('r');
  await first.waitFor(/db restarted in/);
  expect((await containersOf(project.name)).map(({ id }) => id)).toContain(before?.id);
  first.type('+');
  await first.waitFor(/db .*2\/2/);
  expect(await statesOf(project)).toEqual(['db-1 running', 'db-2 running', 'web-1 running']);

  first.type('s');
  await first.waitFor(/# *$/m);
  first.type('echo "in $((6 * 7))"; exit\r');
  await first.waitFor(/shell in db-1: done/);
  expect(first.screen().join('\n')).toMatch(/2\/2 ready/);
  first.type('S');
  await first.waitFor(/db .*stopped/);
  expect(await statesOf(project)).toEqual(['db-1 exited', 'db-2 exited', 'web-1 running']);
  first.type('q');
  expect(await first.exit).toMatchObject({ code: 0 });
  expect(first.isCursorVisible()).toBe(true);
  expect(first.lines().join('\n')).toMatch(
    new RegExp(`${project.name} runs on; stack ui comes back to it, stack down ends it`),
  );
  expect(await statesOf(project)).toEqual(['db-1 exited', 'db-2 exited', 'web-1 running']);

  const second = open(project, ['ui']);
  await second.waitFor(/1\/2 ready/);
  // What was written before is there.
  await second.waitFor(/web begins/);
  second.type(':');
  await second.waitFor(/apply what the file says/);
  second.type('down');
  await second.waitFor(/> .*down/);
  second.type('\r');
  await second.waitFor(/y\/N|y: yes/);
  second.type('y');
  await expect.poll(() => statesOf(project)).toEqual([]);
  await second.waitFor(/down.*: done/);
  second.type('q');
  expect(await second.exit).toMatchObject({ code: 0 });
  expect(second.lines().join('\n')).not.toContain('runs on');
});

test('Ctrl-C in stack ui leaves alone what it did not start, and says so; by its name it needs no file', async () => {
  const project = projectOf(`services:\n${service('web')}`);
  expect((await project.run(['up', '-d'])).code).toBe(0);
  mkdirSync(path.join(project.directory, 'elsewhere'));
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, '-p', project.name, 'ui'],
    cwd: path.join(project.directory, 'elsewhere'),
    env: { ...project.environment, COMPOSE_PROJECT_NAME: undefined },
    columns: 100,
    rows: 30,
  });
  terminals.push(terminal);
  await terminal.waitFor(/web begins/);
  await terminal.waitFor(/>. web/);
  terminal.type('S');
  await terminal.waitFor(/web .*stopped/);
  expect(await statesOf(project)).toEqual(['web-1 exited']);
  terminal.type('S');
  await terminal.waitFor(/1\/1 ready/);
  terminal.type(interrupt);
  expect(await terminal.exit).toMatchObject({ code: 130 });
  expect(terminal.lines().join('\n')).toContain(
    `${project.name} runs on; stack -p ${project.name} ui comes back to it`,
  );
  expect(await statesOf(project)).toEqual(['web-1 running']);
});

test('where nothing runs stack ui says so and how to begin; without a terminal it tells in lines', async () => {
  const project = projectOf(`services:\n${service('web')}`);
  const nothing = await project.run(['ui']);
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain(`nothing of ${project.name} runs`);
  expect(nothing.stderr).toContain('bring it up with: stack up');
  expect((await project.run(['up', '-d'])).code).toBe(0);
  const lines = project.start(['ui']);
  expect(await lines.waitFor(/runs: 1 service ready[\s\S]*web begins/)).not.toContain('\u001b');
  expect((await project.run(['stop'])).code).toBe(0);
  expect((await lines.finished).code).toBe(0);
  const refused = await project.run(['ui', '--ui', 'full']);
  expect(refused).toMatchObject({ code: 1 });
});

test('the full screen stays after all has failed until it is left, with the exit code of the failure', async () => {
  const project = projectOf(`services:\n${service('web', 'exit 3')}`);
  const terminal = open(project, ['up', '--ui', 'full']);
  await terminal.waitFor(/web .*(?:failed|exit)/);
  await terminal.waitFor(/0\/1 ready/);
  terminal.type('?');
  await terminal.waitFor(/the selected service/);
  terminal.type('q');
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 1 });

  const broken = projectOf(`services:\n${service('web').replace('init: true', 'entrypoint: [/no/such]')}`);
  const stays = open(broken, ['up', '--ui', 'full']);
  await stays.waitFor(/failed/);
  broken.write('stack.yaml', `services:\n${service('web')}`);
  stays.type('a');
  await stays.waitFor(/1\/1 ready/);
  stays.type(interrupt);
  expect(await stays.exit).toMatchObject({ code: 130 });
  expect(await statesOf(broken)).toEqual(['web-1 exited']);
});

test('inline ends once all has failed, and --abort-on-container-exit ends the full screen', async () => {
  const project = projectOf(`services:\n${service('web', 'exit 3')}`);
  const inline = open(project, ['up']);
  expect(await inline.exit).toMatchObject({ code: 1 });
  const full = open(project, ['up', '--ui', 'full', '--exit-code-from', 'web']);
  expect(await full.exit).toMatchObject({ code: 3 });
});

test('up -d shows its screen while it starts and leaves the summary', async () => {
  const project = projectOf(`services:\n${service('web')}`);
  const terminal = open(project, ['up', '-d']);
  expect(await terminal.exit).toMatchObject({ code: 0 });
  expect(terminal.raw()).toContain('\u001b[?25l');
  expect(terminal.isCursorVisible()).toBe(true);
  expect(terminal.lines().join('\n')).toMatch(/web +running/);
  expect(await statesOf(project)).toEqual(['web-1 running']);
});

test('watch has the same screens, and leaving it leaves the services', async () => {
  const rules = '    develop: { watch: [{ action: sync, path: ./src, target: /src }] }\n';
  const project = projectOf(`services:\n${service('web')}${rules}`);
  project.write('src/file', 'one');
  const terminal = open(project, ['watch']);
  await terminal.waitFor(/watching the files of web/);
  await terminal.waitFor(/1\/1 ready/);
  expect(terminal.screen().join('\n')).toContain('^C leave');
  project.write('src/file', 'two');
  await terminal.waitFor(/file changed → sync web/);
  terminal.type('f');
  await terminal.waitFor(/>. web/);
  terminal.type('r');
  await terminal.waitFor(/web restarted in/);
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 0 });
  expect(await statesOf(project)).toEqual(['web-1 running']);
});

test('logs -f and stats on the full screen, by the keys and the signs of the configuration file', async () => {
  const project = projectOf(`services:\n${service('web')}`);
  const config = project.environment.XDG_CONFIG_HOME ?? '';
  mkdirSync(path.join(config, 'stack'), { recursive: true });
  writeFileSync(
    path.join(config, 'stack/config.yaml'),
    'ascii: true\nkeys:\n  screen.detach: Q\n  screen.helpp: h\n',
  );
  expect((await project.run(['up', '-d'])).stderr).toMatch(/config\.yaml:4:3[\s\S]*screen\.help/);
  const logs = open(project, ['logs', '-f', '--ui', 'full']);
  await logs.waitFor(/web begins/);
  expect(logs.screen().join('\n')).toMatch(/^[ -~\n]*$/);
  logs.type('q');
  logs.type('Q');
  expect(await logs.exit).toMatchObject({ code: 0 });
  const stats = open(project, ['stats', '--ui', 'full']);
  await stats.waitFor(/\[stats\]/);
  await stats.waitFor(/\d%/);
  stats.type('Q');
  expect(await stats.exit).toMatchObject({ code: 0 });
  const plain = await project.run(['logs', '-f', '--ui', 'full']);
  expect(plain.stderr).toContain('--ui full needs a terminal');
  const both = await project.run(['ps', '--json', '--ui', 'plain']);
  expect(both.stdout).toContain('--json and --ui plain are incompatible');
});

test('logs are saved beside the stack and shown in the editor, which gets the terminal', async () => {
  const project = projectOf(`services:\n${service('web')}`);
  const seen = path.join(project.directory, 'seen');
  const editor = path.join(project.directory, 'editor');
  writeFileSync(editor, `#!/bin/sh\ncp "$1" ${seen}\n`, { mode: 0o755 });
  const terminal = open(project, ['up', '--ui', 'full'], { EDITOR: editor });
  await terminal.waitFor(/web begins/);
  terminal.type('e');
  await expect.poll(() => existsSync(seen) && readFileSync(seen, 'utf8')).toContain('web begins');
  await terminal.waitFor(/1\/1 ready/);
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 0 });
});

test('when one service cannot start, the logs of the others flow on, and leaving says that it failed', async () => {
  const project = projectOf(
    `services:\n${service('web', 'while true; do echo here; sleep 0.2; done')}${service('bad').replace('[sh,', '[nosuchprogram,').replace('init: true', 'init: false')}`,
  );
  const terminal = open(project, ['up']);
  await terminal.waitFor(/1\/2 ready[\s\S]*bad .*failed/);
  const lines = terminal.lines().filter((line) => line.includes('here')).length;
  await terminal.waitFor(() => terminal.lines().filter((line) => line.includes('here')).length > lines + 3);
  terminal.type('q');
  expect(await terminal.exit).toMatchObject({ code: 1 });
  expect(await statesOf(project)).toEqual(['bad-1 created', 'web-1 running']);
});
