import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type CoinsProject, countAbove, createCoins } from '../helpers/coins.ts';
import { containersOf, stateOf } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  for (const project of projects.splice(0)) await project.remove();
});

function upIn(
  project: TestProject,
  size: { columns: number; rows: number },
  words: readonly string[] = ['up'],
): Terminal {
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, ...words],
    cwd: project.directory,
    env: { ...project.environment, CI: undefined, NO_COLOR: undefined },
    ...size,
  });
  terminals.push(terminal);
  return terminal;
}

async function coinsProject(): Promise<CoinsProject> {
  const coins = await createCoins();
  projects.push(coins);
  return coins;
}

const soon = 120_000;

test('a person brings the example up, edits a service, resizes, and ends it with Ctrl-C', async () => {
  const coins = await coinsProject();
  const terminal = upIn(coins, { columns: 100, rows: 30 });
  await terminal.waitFor(/5\/5 ready/, soon);
  await terminal.waitFor((rows) => rows.some((row) => row.includes(coins.url)), soon);
  await terminal.waitFor(/worker-1 .*hashes\/s/, soon);
  const { hashes } = await countAbove(coins.url, 3);
  await terminal.waitFor(/watching the files of/, soon);

  const before = await containersOf(coins.name);
  const source = readFileSync(path.join(coins.directory, 'rng/rng.py'), 'utf8');
  expect(source).toMatch(/^LABEL = "rng"$/m);
  coins.write('rng/rng.py', source.replace(/^LABEL = "rng"$/m, 'LABEL = "rng, edited"'));
  await terminal.waitFor(/rng\/rng\.py changed → rebuild rng/, soon);
  await terminal.waitFor(/rng .*rebuilt in/, soon);
  const after = await containersOf(coins.name);
  const replaced = after.filter(({ id }) => !before.some((container) => container.id === id));
  expect(replaced.map(({ service, state }) => [service, state])).toEqual([['rng', 'running']]);
  await countAbove(coins.url, hashes + 20);

  await terminal.resize(50, 12);
  await terminal.waitFor(/5\/5 ready/, soon);
  await terminal.resize(120, 40);
  await terminal.waitFor((rows) => rows.some((row) => row.includes(coins.url)), soon);

  terminal.type('\u0003');
  expect(await terminal.exit).toMatchObject({ code: 130 });
  expect(terminal.isCursorVisible()).toBe(true);
  expect(terminal.lines().some((line) => /worker-1 .*hashes\/s/.test(line))).toBe(true);
  expect((await containersOf(coins.name)).map(({ state }) => state)).toEqual(Array(5).fill('exited'));
  // Redis keeps its data in a volume without a name, which nobody would find again.
  expect((await coins.run(['down', '--volumes'])).code).toBe(0);
  expect(await stateOf(coins.name)).toMatchObject({ containers: [], networks: [] });
});

test('a bind-mounted page changes without a build', async () => {
  const coins = await coinsProject();
  const terminal = upIn(coins, { columns: 80, rows: 24 });
  await terminal.waitFor(/watching the files of/, soon);
  const before = await containersOf(coins.name);
  const page = readFileSync(path.join(coins.directory, 'webui/public/index.html'), 'utf8');
  coins.write('webui/public/index.html', `${page}<!-- edited -->\n`);
  await expect
    .poll(async () => (await fetch(coins.url)).text(), { timeout: soon })
    .toContain('<!-- edited -->');
  // A change that does need a build, made after it, is the first the watcher tells of.
  const server = readFileSync(path.join(coins.directory, 'webui/server.js'), 'utf8');
  coins.write('webui/server.js', `${server}\n// edited\n`);
  await terminal.waitFor(/webui .*rebuilt in/, soon);
  const told = terminal.lines().filter((line) => line.includes('changed →'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('webui/server.js');
  const after = await containersOf(coins.name);
  expect(
    after.filter(({ id }) => !before.some((container) => container.id === id)).map(({ service }) => service),
  ).toEqual(['webui']);
  // The new container runs, but its server needs a moment to listen.
  await countAbove(coins.url, 0);
});

test('a build that fails is shown, leaves the old container running, and the next save mends it', async () => {
  const project = createProject({
    file: `services:
  web:
    build: {context: ./web, labels: [${testLabel}=1]}
    labels: [${testLabel}=1]
`,
  });
  projects.push(project);
  const dockerfile = (run: string): string =>
    `FROM busybox\nRUN ${run}\nCMD ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"]\n`;
  project.write('web/Dockerfile', dockerfile('echo one'));
  const terminal = upIn(project, { columns: 80, rows: 24 });
  await terminal.waitFor(/watching the files of/, soon);
  const [first] = await containersOf(project.name);
  project.write('web/Dockerfile', dockerfile('echo this is wrong && false'));
  await terminal.waitFor(/this is wrong/, soon);
  expect(await containersOf(project.name)).toMatchObject([{ id: first?.id, state: 'running' }]);
  project.write('web/Dockerfile', dockerfile('echo two'));
  await terminal.waitFor(/rebuilt in/, soon);
  const [second] = await containersOf(project.name);
  expect(second?.state).toBe('running');
  expect(second?.id).not.toBe(first?.id);
});

test('Ctrl-C while it still starts ends it, a second one does not wait for what will not stop', async () => {
  const project = createProject({
    file: `services:
  slow:
    image: busybox
    labels: [${testLabel}=1]
    stop_grace_period: 5m
    command: [sh, -c, "trap '' TERM; while true; do sleep 0.1; done"]
    healthcheck: {test: [CMD, "false"], interval: 1h}
  web:
    image: busybox
    labels: [${testLabel}=1]
    depends_on: {slow: {condition: service_healthy}}
`,
  });
  projects.push(project);
  const terminal = upIn(project, { columns: 80, rows: 24 });
  await terminal.waitFor(/waits for slow: healthy/, soon);
  const states = async () =>
    Object.fromEntries((await containersOf(project.name)).map(({ service, state }) => [service, state]));
  await expect.poll(states, { timeout: soon }).toEqual({ slow: 'running', web: 'created' });
  terminal.type('\u0003');
  await terminal.waitFor(/stopping/, soon);
  terminal.type('\u0003');
  expect(await terminal.exit).toMatchObject({ code: 130 });
  expect(terminal.isCursorVisible()).toBe(true);
  expect(await states()).toEqual({ slow: 'exited', web: 'created' });
});

test('a failure stays on the screen with its cause after the program has ended', async () => {
  const project = createProject({ file: 'services:\n  web:\n    image: busybox\n    enviroment: {A: b}\n' });
  projects.push(project);
  const terminal = upIn(project, { columns: 80, rows: 24 });
  expect(await terminal.exit).toMatchObject({ code: 1 });
  const screen = terminal.screen().join('\n');
  expect(screen).toContain('stack.yaml:4:5');
  expect(screen).toMatch(/environment/);
  expect(terminal.isCursorVisible()).toBe(true);
});
