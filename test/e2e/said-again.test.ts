import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { askEngine, shellInside } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal } from '../helpers/terminal.ts';

let project: TestProject;
afterEach(() => project.remove());

const all = `init: true, stop_grace_period: 0s, labels: [${testLabel}=1]`;
const sleeps = `{ image: "busybox:1.37", command: [sleep, infinity], ${all} }`;

const mark = 'as it was kept';

/** The answers that are kept for the project's user. */
function keptFiles(): readonly string[] {
  const folder = `${project.directory}.cache/stack/answers`;
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
}

/** From now on what is only said again can be told from what is found out anew. */
function markKept(said = 'nothing to do'): void {
  for (const file of keptFiles()) writeFileSync(file, readFileSync(file, 'utf8').replace(said, mark));
}

async function up(...words: string[]): Promise<string> {
  const { code, output } = await project.run(['up', '-d', ...words]);
  expect(code, output).toBe(0);
  return output;
}

/** Resolves once an answer is kept and said again: what was written a moment ago may change once more unnoticed. */
async function saidAgain(wanted = new RegExp(mark)): Promise<void> {
  await expect
    .poll(() => {
      markKept();
      return up();
    }, patience)
    .toMatch(wanted);
}

/** Others work on the same engine, whose networks and volumes count. */
const patience = { timeout: 60_000 };

test('what had nothing to do is said again as long as nothing that it follows from is another', async () => {
  project = createProject();
  const { name, environment, write } = project;
  write('web/index.html', 'one');
  write('web/Dockerfile', 'FROM busybox:1.37\nCOPY index.html /www/\nCMD ["httpd", "-f", "-h", "/www"]\n');
  write('web.env', 'COLOUR=red\n');
  write(
    'stack.yaml',
    `services:\n  web: { build: ./web, env_file: web.env, ports: ["127.0.0.1::80"], ${all} }\n  db: ${sleeps}\n`,
  );
  await up();
  await saidAgain(/as it was kept.*\n.*ready, nothing had to change: 2 services\n.*200 OK/);

  const config = path.join(environment.XDG_CONFIG_HOME ?? '', 'stack');
  const changes: Readonly<Record<string, readonly [change: () => unknown, said: RegExp]>> = {
    'a file of a build': [() => write('web/index.html', 'two'), /build image/],
    'one more file of a build': [() => write('web/more.html', ''), /nothing to do|build image/],
    'an env file': [() => write('web.env', 'COLOUR=blue\n'), /create container/],
    'one more stack file': [
      () => write('stack.override.yaml', 'services: {db: {environment: {SIZE: "1"}}}\n'),
      /create container/,
    ],
    'a file of variables': [() => write('.env', 'UNUSED=1\n'), /nothing to do/],
    'what the user has set': [
      () => {
        mkdirSync(config, { recursive: true });
        writeFileSync(path.join(config, 'config.yaml'), 'ascii: true\n');
      },
      /\+ \S+ nothing to do/,
    ],
    'a container that was stopped': [
      () => askEngine('POST', `/containers/${name}-db-1/stop`, { t: '0' }),
      /start container/,
    ],
    'a container that was removed': [
      () => askEngine('DELETE', `/containers/${name}-db-1`, { force: '1' }),
      /create container/,
    ],
    'what a port says': [() => shellInside(`${name}-web-1`, 'rm /www/index.html'), /404/],
  };
  for (const [what, [change, said]] of Object.entries(changes)) {
    await change();
    const output = await up();
    expect(output, what).not.toContain(mark);
    expect(output, what).toMatch(said);
    await saidAgain();
  }

  // Nor for who asks for something else, or with other variables.
  const { output } = await project.run(['up', '-d'], { environment: { COLOUR: 'green' } });
  expect(output).toMatch(/nothing to do/);
  await saidAgain();
  expect(await up('db')).toMatch(/nothing to do/);
  await saidAgain();
  for (const file of keptFiles()) chmodSync(file, 0o666);
  expect(await up()).toMatch(/nothing to do/);
  await saidAgain();
  for (const file of keptFiles()) writeFileSync(file, 'no answer');
  expect(await up()).toMatch(/nothing to do/);
});

test('config is shown again as it was, until a file or a variable is another; no credential is kept', async () => {
  project = createProject({
    file: 'services:\n  db: { image: "busybox:${TAG:-1.37}", environment: { API_TOKEN: "${API_TOKEN:-}", URL: "${URL:-}" } }\n',
  });
  const config = async (environment: Record<string, string> = {}): Promise<string> => {
    const { code, output } = await project.run(['config'], { environment });
    expect(code, output).toBe(0);
    return output;
  };
  const shownAgain = (environment: Record<string, string> = {}): Promise<void> =>
    expect
      .poll(() => {
        markKept('busybox');
        return config(environment);
      }, patience)
      .toContain(mark);
  const first = await config();
  expect(first).toContain('image: busybox:1.37');
  await shownAgain();
  project.write('.env', 'TAG=latest\n');
  expect(await config()).toBe(first.replace('1.37', 'latest'));
  await shownAgain();
  expect(await config({ TAG: '1.37' })).toBe(first);
  await shownAgain({ TAG: '1.37' });
  project.write('stack.override.yaml', 'services: { db: { command: [sleep, "1"] } }\n');
  expect(await config({ TAG: '1.37' })).toContain('sleep');
  await shownAgain({ TAG: '1.37' });
  expect(await project.run(['config', '--services'])).toMatchObject({ stdout: 'db\n' });

  // Nor in the words of Docker Compose, which tells times.
  const { output } = await project.run(['compose', 'config'], { environment: { TAG: '1.37' } });
  expect(output).toContain('image: busybox:1.37');
  for (const secret of [{ API_TOKEN: 'known-to-few' }, { URL: 'postgres://shop:known-to-few@db/shop' }]) {
    for (let times = 0; times < 2; times++) {
      const shown = await config({ TAG: '1.37', ...secret });
      expect(shown).toContain('known-to-few');
      expect(shown).not.toContain(mark);
    }
    expect(
      keptFiles()
        .map((file) => readFileSync(file, 'utf8'))
        .join(),
    ).not.toContain('few');
    await shownAgain({ TAG: '1.37' });
  }
});

test('what a project is called and has is known again until a file or a variable is another', async () => {
  project = createProject({ file: `services:\n  db: ${sleeps}\n` });
  const { name, write } = project;
  write('.env', 'COLOUR=red\n');
  await up();
  /** From now on whoever knows it again takes it for a project that has nothing. */
  const forge = (): void => {
    for (const file of keptFiles())
      writeFileSync(file, readFileSync(file, 'utf8').replace(`"name":"${name}"`, '"name":"none"'));
  };
  const ps = async (environment: Record<string, string> = {}): Promise<string> => {
    forge();
    const { code, output } = await project.run(['ps', '--services'], { environment });
    expect(code, output).toBe(0);
    return output;
  };
  const isKnownAgain = (environment?: Record<string, string>): Promise<void> =>
    expect.poll(() => ps(environment), patience).toBe('');
  expect(await ps()).toBe('db\n');
  await isKnownAgain();
  expect(await ps({ COLOUR: 'green' })).toBe('db\n');
  await isKnownAgain({ COLOUR: 'green' });
  write('stack.yaml', `services:\n  db: ${sleeps}\n  web: ${sleeps}\n`);
  expect(await ps()).toBe('db\n');
  await isKnownAgain();
  write('stack.override.yaml', 'services: {}\n');
  expect(await ps()).toBe('db\n');

  // Variables are none of it.
  await expect
    .poll(async () => {
      forge();
      return (await project.run(['exec', '-T', 'db', 'true'])).output;
    }, patience)
    .toContain('service "db" is not running');
  for (const file of keptFiles()) rmSync(file);
  for (const colour of ['red', 'blue']) {
    write('.env', `COLOUR=${colour}\n`);
    const { output } = await project.run(['exec', '-T', '-e', 'COLOUR', 'db', 'sh', '-c', 'echo $COLOUR']);
    expect(output).toBe(`${colour}\n`);
  }
});

test('what a command has to know to restart or to end containers is known again until a file is another', async () => {
  const file = (restart: boolean) =>
    `services:\n  db: ${sleeps}\n  web: ${sleeps.replace('{', `{ depends_on: { db: { condition: service_started, restart: ${restart} } },`)}\n`;
  project = createProject({ file: file(true) });
  const { write } = project;
  await up();
  const restarted = async (): Promise<number> => {
    const { code, output } = await project.run(['restart', 'db']);
    expect(code, output).toBe(0);
    return output.match(/✓ .* restart container/g)?.length ?? 0;
  };
  expect(await restarted()).toBe(2);
  await expect
    .poll(() => {
      for (const kept of keptFiles())
        writeFileSync(kept, readFileSync(kept, 'utf8').replace('"restart":true', '"restart":false'));
      return restarted();
    }, patience)
    .toBe(1);
  write('stack.yaml', `# another file\n${file(true)}`);
  expect(await restarted()).toBe(2);
});

test('what may be another thing the next time is not said again', async () => {
  project = createProject({ file: `services:\n  db: ${sleeps}\n` });
  await up();
  await saidAgain();
  for (const file of keptFiles()) rmSync(file);
  const file = readFileSync(path.join(project.directory, 'stack.yaml'), 'utf8');
  for (const [words, input] of [
    [['--json', 'up', '-d'], undefined],
    [['--progress', 'json', 'up', '-d'], undefined],
    [['--ui', 'json', 'up', '-d'], undefined],
    [['--ui=json', 'up', '-d'], undefined],
    [['compose', 'up', '-d'], undefined],
    [['-f', '-', 'up', '-d'], file],
  ] as const) {
    const { code, output } = await project.run([...words], input === undefined ? {} : { input });
    expect([words, code, output]).toEqual([words, 0, expect.stringMatching(/nothing to do|running|Running/)]);
    expect(keptFiles(), words.join(' ')).toEqual([]);
  }
  for (const place of ['<(cat stack.yaml)', '/proc/self/fd/9 9< <(cat stack.yaml)']) {
    const piped = `"$0" "$1" -f ${place} --project-directory . up -d`;
    const { output } = await project.startOther('bash', ['-c', piped, underTest, launcher]).finished;
    expect([output, keptFiles()]).toEqual([expect.stringContaining('nothing to do'), []]);
  }
  // An image may be too old by then.
  project.write('stack.yaml', file.replace('image:', 'pull_policy: every_52w, image:'));
  const { ctimeMs } = statSync(path.join(project.directory, 'stack.yaml'));
  await expect.poll(() => Date.now() - ctimeMs).toBeGreaterThan(2500);
  await up('--no-recreate');
  expect(await up('--no-recreate')).toMatch(/nothing to do/);
  expect(keptFiles()).toEqual([]);
});

test('on a terminal a start with nothing to do is told without a display, and the same again', async () => {
  project = createProject({ file: `services:\n  db: ${sleeps}\n` });
  await up();
  const look = async (): Promise<readonly string[]> => {
    const terminal = openTerminal({
      command: underTest,
      args: [launcher, 'up', '-d'],
      cwd: project.directory,
      env: { ...project.environment, CI: undefined },
    });
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
    expect(terminal.isCursorVisible()).toBe(true);
    // Nothing of it was drawn over.
    expect(terminal.raw()).not.toContain('\u001B[2K');
    return terminal.lines().filter((line) => line !== '');
  };
  const first = await look();
  expect(first).toEqual([
    '✓ nothing to do: the service runs as the file says',
    '● ready, nothing had to change: 1 service',
    `${project.name}  1/1 ready`,
    '  ● db  running',
    'go on with: stack logs, stack down',
  ]);
  await expect
    .poll(async () => {
      markKept();
      return look();
    }, patience)
    .toEqual([`✓ ${mark}: the service runs as the file says`, ...first.slice(1)]);
});
