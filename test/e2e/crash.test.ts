import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
let terminal: Terminal | undefined;
let server: http.Server | undefined;
afterEach(async () => {
  terminal?.dispose();
  server?.closeAllConnections();
  server?.close();
  await project?.remove();
});

const secret = 'hunter2-marker';
const file = `
services:
  web:
    image: busybox
    init: true
    command: sleep 600
    environment: { API_TOKEN: ${secret} }
    labels: { ${testLabel}: '' }
networks: { default: { labels: { ${testLabel}: '' } } }
`;

/** What breaks the program where nobody expects it, once the file is there: Node itself brings it in. */
function breaking(directory: string): { readonly NODE_OPTIONS: string; readonly trigger: string } {
  const trigger = path.join(directory, 'now');
  const code = `import fs from 'node:fs';
setInterval(() => {
  if (!fs.existsSync(${JSON.stringify(trigger)})) return;
  fs.rmSync(${JSON.stringify(trigger)});
  throw new TypeError('boom in ${directory}/a, DB_PASSWORD=${secret}, at "API_TOKEN: ${secret}", open \\'/srv/acme/x.env\\'');
}, 20).unref();`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`, trigger };
}

function reportsOf({ environment }: TestProject): {
  readonly folder: string;
  readonly names: readonly string[];
} {
  const folder = path.join(environment.XDG_STATE_HOME ?? '', 'stack/crashes');
  return { folder, names: existsSync(folder) ? readdirSync(folder).sort() : [] };
}

test('a mistake of the program gives the terminal back, and is written down without a value', async () => {
  project = createProject({ file });
  const { directory, environment } = project;
  const { folder } = reportsOf(project);
  mkdirSync(folder, { recursive: true });
  for (let day = 10; day < 22; day++)
    writeFileSync(path.join(folder, `2020-01-${day}T00-00-00.000Z-1.txt`), 'old');
  const { NODE_OPTIONS, trigger } = breaking(directory);
  terminal = openTerminal({
    command: underTest,
    args: [launcher, '--ui', 'full', '-p', environment.COMPOSE_PROJECT_NAME ?? '', 'up', '--timeout=7'],
    cwd: directory,
    env: { ...environment, NODE_OPTIONS, DB_PASSWORD: secret, CI: undefined },
    columns: 100,
    rows: 30,
  });
  await terminal.waitFor(/1\/1 ready/);
  expect(terminal.emulator.buffer.active.type).toBe('alternate');
  writeFileSync(trigger, '');
  expect(await terminal.exit).toMatchObject({ code: 1 });
  expect(terminal.emulator.buffer.active.type).toBe('normal');
  expect(terminal.isCursorVisible()).toBe(true);
  const { names } = reportsOf(project);
  expect(names).toHaveLength(10);
  const report = path.join(folder, names.at(-1) ?? '');
  expect(terminal.screen().join('')).toContain(path.basename(report).slice(0, 20));
  expect(terminal.screen().join('')).toContain('DB_PASSWORD=********');
  const text = readFileSync(report, 'utf8');
  expect(text).toMatch(/^stack: {4}\d+\.\d+\.\d+\nNode\.js: {2}\d+\.\d+\.\d+\nsystem: {3}\w+ \S+ \w+\n/);
  expect(text).toMatch(/\nengine: {3}\S+.*, API \d+\.\d+\n/);
  expect(text).toContain('\ncommand:  stack --ui … -p … up --timeout\n');
  expect(text).toContain('boom in ./a, DB_PASSWORD=********, at "…", open "…"');
  expect(text).toMatch(/\n +at /);
  for (const hidden of [secret, directory, environment.COMPOSE_PROJECT_NAME ?? '?', path.dirname(launcher)])
    expect(text).not.toContain(hidden);
  expect(statSync(report).mode & 0o777).toBe(0o600);
});

test('an engine that talks nonsense leads to a report, also in JSON, and none is no further failure', async () => {
  server = http.createServer((_, response) => {
    response.setHeader('Server', 'Nonsense/1.0 (nowhere)').setHeader('Api-Version', '1.44');
    // An object where a list is due.
    response.end(JSON.stringify({ API_TOKEN: secret }));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  project = createProject({ file });
  const environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}` };
  const plain = await project.run(['ps'], { environment });
  expect(plain.code).toBe(1);
  const { folder, names } = reportsOf(project);
  expect(names).toHaveLength(1);
  const report = path.join(folder, names[0] ?? '');
  expect(plain.stderr).toContain(
    `please report this, with ${report}: values are left out, but read it before`,
  );
  const text = readFileSync(report, 'utf8');
  expect(text).toContain('engine:   Nonsense/1.0 (nowhere), API 1.44\n');
  expect(text).toContain('command:  stack ps\n');
  expect(text).not.toContain(secret);
  const json = await project.run(['ps', '--json'], { environment });
  expect(json.stdout).toContain('please report this, with ');
  // Where it cannot be kept the program says what it can.
  const nowhere = await project.run(['ps'], {
    environment: { ...environment, XDG_STATE_HOME: '/dev/null/state' },
  });
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).not.toContain('please report this, with ');
});
