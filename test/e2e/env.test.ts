import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

let project: TestProject | undefined;
afterEach(() => project?.remove());

const service = `
    image: busybox
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]`;

const shop = `
x-stack:
  env:
    DB_PASSWORD: {generate: 24, describe: of the database}
services:
  api:${service}
    command: [sleep, infinity]
    depends_on: [db, cache]
    environment:
      DATABASE_URL: http://app:\${DB_PASSWORD}@db:8080/data
      API_KEY: \${API_KEY}
      MODE: \${MODE:-dev}
      CACHE: http://cache:6379/
  db:${service}
    command: sh -c 'mkdir /www && echo it is db > /www/data && exec httpd -f -p 8080 -h /www'
    ports: ["127.0.0.1::8080"]
  cache:${service}
    command: [sleep, infinity]
`;

const example = '# of the shop\nAPI_KEY=\nUNUSED=1\nREGION=north\n';

function dotenvOf({ directory }: TestProject): string {
  return readFileSync(path.join(directory, '.env'), 'utf8');
}

test('what is missing is refused with what mends it, filled, and then a program runs here as in its container', async () => {
  const own = createProject({ file: shop });
  project = own;
  own.write('.env.example', example);
  const refused = await own.run(['up', '-d']);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('error: the variable `API_KEY` needs a value: of the shop');
  expect(refused.output).toContain(
    'hint: write API_KEY=… into .env; `stack env --fill` asks for it on a terminal',
  );
  expect(refused.output).toContain('hint: `stack env --fill` makes one up and writes it into .env');
  expect(refused.output).not.toContain('REGION');
  expect((await own.run(['config', '-q'])).code).toBe(0);
  const asCompose = await own.run(['compose', '-f', 'stack.yaml', 'create', '--dry-run']);
  expect(asCompose.output).toContain('The \\"API_KEY\\" variable is not set');
  expect(asCompose.code).toBe(0);

  own.write('.env', '# mine\nMODE=prod');
  const filled = await own.run(['env', '--fill']);
  expect(filled.stdout).toBe('wrote DB_PASSWORD into .env\n');
  expect(filled.stderr).toContain('only you know the value of API_KEY: of the shop');
  expect(filled.code).toBe(1);
  expect(dotenvOf(own)).toMatch(/^# mine\nMODE=prod\nDB_PASSWORD=[A-Za-z0-9]{24}\n$/);
  const [, password = ''] = /DB_PASSWORD=(.*)/.exec(dotenvOf(own)) ?? [];
  own.write('.env', `${dotenvOf(own)}API_KEY=k3y-of-mine\n`);
  expect((await own.run(['env', '--fill'])).stdout).toBe('all variables have a value\n');

  const shown = await own.run(['env', 'api'], { environment: { MODE: 'test' } });
  expect(shown.stdout).toContain('API_KEY: "********"\n');
  expect(shown.stdout).toContain('MODE: "test"\n  stack.yaml:16:13\n  with MODE of the environment\n');
  expect(shown.stdout).toContain('DB_HOST: "db"\n');
  expect(shown.output).not.toContain(password);
  expect((await own.run(['env'], { environment: { MODE: 'test' } })).stdout).toContain(
    'MODE: "test"\n  of the environment\n  instead of "prod", .env:2:1\n',
  );
  expect((await own.run(['env', 'api', 'API_KEY'])).stdout).toBe('k3y-of-mine\n');
  expect((await own.run(['env', 'api', 'API_KAY'])).stderr).toContain('did you mean `API_KEY`?');

  const up = await own.run(['up', '-d', '--wait']);
  expect(up.code).toBe(0);
  expect(up.output).not.toContain(password);
  const [, address = ''] = /^(127\.0\.0\.1:\d+)/m.exec((await own.run(['port', 'db', '8080'])).stdout) ?? [
    '',
    '',
  ];
  const here = await own.run(['env', 'api', '--host', '--json']);
  const variables = JSON.parse(here.stdout) as { path: string; value: string; inContainer?: string }[];
  expect(variables.find((one) => one.path === 'DATABASE_URL')).toMatchObject({
    value: `http://app:********@${address}/data`,
    inContainer: 'http://app:********@db:8080/data',
  });
  expect(here.stderr).toContain('CACHE names port 6379 of cache, which nothing on this machine leads to');
  expect((await own.run(['env', 'api', '--host', '--format', 'dotenv'])).stdout).toContain(
    `DATABASE_URL=http://app:${password}@${address}/data\n`,
  );
  const program = `fetch(process.env.DATABASE_URL.replace(/\\/\\/.*@/, '//')).then((answer) => answer.text()).then((text) => {
    process.stdout.write(text + process.argv.slice(1).join(' ')); process.exitCode = 7; })`;
  const ran = await own.run(['env', 'api', '--host', '--', underTest, '-e', program, '--', '--json', 'a b']);
  expect(ran.stdout).toBe('it is db\n--json a b');
  expect(ran.code).toBe(7);
  const waiting = `process.on('SIGTERM', () => { console.log('told'); process.exit(3); });
    setInterval(() => {}, 1e6); console.log('ready');`;
  const waits = own.start(['env', 'api', '--host', '--', underTest, '-e', waiting]);
  await waits.waitFor(/ready/);
  waits.signal('SIGTERM');
  expect(await waits.finished).toMatchObject({ code: 3, stdout: 'ready\ntold\n' });
  expect((await own.run(['env', 'api', '--host', '--', 'no-such-program'])).stderr).toContain(
    'error: there is no program no-such-program on this machine',
  );
  expect((await own.run(['env', 'api', '--', 'ls'])).code).toBe(1);
});

test('on a terminal what is missing is asked for; what is secret is not shown', async () => {
  const own = createProject({ file: shop.replace('\n  db:', '\n      REGION: ${REGION}\n  db:') });
  project = own;
  own.write('.env.example', example);
  const terminal = openTerminal({
    command: underTest,
    args: [launcher, 'create'],
    cwd: own.directory,
    env: own.environment,
    columns: 120,
  });
  await terminal.waitFor(/API_KEY, of the shop \(not shown\): $/m);
  terminal.type('\r');
  // It cannot be blank.
  await terminal.waitFor((screen) => screen.filter((row) => row.startsWith('API_KEY')).length === 2);
  terminal.type("wrong\u0015it's-$ecreX\u007ft\r");
  await terminal.waitFor(/^REGION \[north\]:/m);
  terminal.type('\r');
  await terminal.waitFor(/wrote API_KEY, REGION, DB_PASSWORD into \.env/);
  expect((await terminal.exit).code).toBe(0);
  expect(terminal.raw()).not.toContain('ecre');
  expect(dotenvOf(own)).toMatch(/^API_KEY="it's-\\\$ecret"\nREGION=north\nDB_PASSWORD=[A-Za-z0-9]{24}\n$/);
  expect(statSync(path.join(own.directory, '.env')).mode & 0o777).toBe(0o600);
  terminal.dispose();
  expect((await own.run(['env', 'api', 'API_KEY'])).stdout).toBe("it's-$ecret\n");
});

test('who does not answer gets nothing written; what cannot be written is told before it is asked', async () => {
  const own = createProject({ file: shop });
  project = own;
  own.write('.env.example', example);
  const open = () =>
    openTerminal({
      command: underTest,
      args: [launcher, 'up'],
      cwd: own.directory,
      env: own.environment,
    });
  const left = open();
  await left.waitFor(/API_KEY, of the shop/);
  left.type('abc\u0003');
  expect((await left.exit).code).toBe(130);
  left.dispose();
  expect(() => dotenvOf(own)).toThrow('ENOENT');
  mkdirSync(path.join(own.directory, '.env'));
  const unwritable = open();
  expect((await unwritable.exit).code).toBe(1);
  const text = unwritable.lines().join('\n');
  unwritable.dispose();
  expect(text).toContain('.env cannot be written, and API_KEY, DB_PASSWORD have no value');
  expect(text).toContain('it is a folder');
  expect(text).toContain('name it with --env-file');
  rmSync(path.join(own.directory, '.env'), { recursive: true });
  // As some editors of Windows write it.
  const other = Buffer.from('\uFEFFMODE=prod\r\n', 'utf16le');
  writeFileSync(path.join(own.directory, '.env'), other);
  const refused = await own.run(['env', '--fill']);
  expect(refused.output).toContain('it is not UTF-8');
  expect(readFileSync(path.join(own.directory, '.env'))).toEqual(other);
});

test('for a shell and for a .env there are only names that these take; the others are told', async () => {
  const own = createProject({
    file: `services:
  api:
    image: busybox
    environment:
      PLAIN: it's
      some.setting: "1"
      "A;touch hacked": "2"
      TAKEN_AWAY:
`,
  });
  project = own;
  const shell = await own.run(['env', 'api', '--format', 'shell']);
  expect(shell.stdout).toBe("export PLAIN='it'\\''s'\n");
  expect(shell.stderr).toContain(
    '"A;touch hacked", "some.setting" cannot be set in a shell and are left out',
  );
  const dotenv = await own.run(['env', 'api', '--format', 'dotenv']);
  expect(dotenv.stdout).toBe('PLAIN="it\'s"\nsome.setting=1\n');
  expect(dotenv.stderr).toContain('"A;touch hacked" cannot be set in a .env and is left out');
});

test('diff tells what another env file would make different', async () => {
  const own = createProject({
    file: 'services:\n  web:\n    image: busybox:${TAG:-1}\n    environment: {T: "${T}"}\n',
  });
  project = own;
  own.write('a.env', 'T=1\n');
  own.write('b.env', 'T=1\nTAG=2\n');
  const same = await own.run(['diff', '--env-file', 'a.env', '--env-file', 'a.env']);
  expect(same).toMatchObject({ code: 0, output: '' });
  const other = await own.run(['diff', '--env-file', 'a.env', '--env-file', 'b.env', '--json']);
  expect(other.code).toBe(1);
  expect(JSON.parse(other.stdout)).toEqual([
    {
      path: 'services.web.image',
      before: expect.objectContaining({
        value: 'busybox:1',
        line: 3,
        variables: [{ name: 'TAG', from: 'nowhere' }],
      }),
      after: expect.objectContaining({
        value: 'busybox:2',
        variables: [expect.objectContaining({ name: 'TAG', line: 2 })],
      }),
    },
  ]);
  const without = await own.run(['--env-file', 'a.env', 'diff', '--env-file', 'b.env']);
  expect(without.stdout).toMatch(/^--- without it\n\+\+\+ b\.env\nservices\.web\.image\n/);
  expect((await own.run(['diff'])).stderr).toContain('diff needs an env file');
});
