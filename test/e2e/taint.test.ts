import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { askEngine, containersOf } from '../helpers/engine.ts';
import { createProject, launcher, type TestProject, testLabel, underTest } from '../helpers/project.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const projects: TestProject[] = [];
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.dispose();
  for (const project of projects.splice(0)) await project.remove();
});

interface Inspected {
  readonly Config: { readonly Env: readonly string[] };
}

/** A value that stands nowhere else, by the door through which it goes in. */
const marks = new Map<string, string>();
function mark(door: string): string {
  const known = marks.get(door) ?? `mk${randomBytes(9).toString('hex')}x`;
  marks.set(door, known);
  return known;
}

/** The doors through which something went in that is in a text, also in the form in which logins are sent. */
function leaksIn(text: string): readonly string[] {
  return [...marks].flatMap(([door, value]) => {
    // The last bytes of a group of three are not the same within a longer text.
    const encoded = Buffer.from(`me:${value}`).toString('base64').slice(0, -4);
    return text.includes(value) || text.includes(encoded) ? [door] : [];
  });
}

const stack = (): string => `services:
  web:
    build:
      context: .
      secrets: [file, token]
      args: { NPM_TOKEN: ${mark('build argument')} }
      labels: [${testLabel}=1]
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    command: [sleep, infinity]
    environment:
      DB_PASSWORD: ${mark('environment')}
      DSN: postgres://me:${mark('address')}@db/x
      APP_SECRET: \${APP_SECRET}
      EXTRA_TOKEN: \${EXTRA_TOKEN}
      SHELL_SECRET:
      MADE_SECRET: \${MADE_SECRET}
    env_file: web.env
    secrets: [file, token]
    configs: [written, taken]
    depends_on: [db]
  db:
    image: busybox
    init: true
    stop_grace_period: 0s
    labels: [${testLabel}=1]
    command: [sleep, infinity]
    expose: ["5432"]
    environment: { POSTGRES_PASSWORD: ${mark('discovery')} }
    x-stack: { provides: { url: "postgres://me:${mark('provided')}@{host}:{port}/x" } }
secrets:
  file: { file: ./secret.txt }
  token: { environment: SECRET_FROM_SHELL }
configs:
  written: { content: "password=${mark('content')}" }
  taken: { environment: CONFIG_FROM_SHELL }
x-stack: { env: { MADE_SECRET: { generate: 24 } } }
`;

test('what is secret goes where the file puts it, and nowhere else', async () => {
  const project = createProject({ file: stack() });
  projects.push(project);
  const { directory, name } = project;
  project.write('Dockerfile', dockerfile);
  project.write('secret.txt', `${mark('secret file')}\n`);
  project.write('web.env', `SMTP_PASSWORD=${mark('env_file')}\n`);
  project.write('.env', `APP_SECRET=${mark('.env')}\nMADE_SECRET=${mark('generated')}\n`);
  project.write(
    'more.env',
    `APP_SECRET=${mark('.env')}\nEXTRA_TOKEN=${mark('--env-file')}\nMADE_SECRET=${mark('generated')}\n`,
  );
  project.write('other.env', `APP_SECRET=${mark('other env file')}\nEXTRA_TOKEN=x1\n`);
  const login = Buffer.from(`me:${mark('login')}`).toString('base64');
  project.write('docker/config.json', JSON.stringify({ auths: { 'registry.invalid': { auth: login } } }));
  const temporary = `${directory}.cache/tmp`;
  mkdirSync(temporary, { recursive: true });
  const environment = {
    DOCKER_CONFIG: path.join(directory, 'docker'),
    TMPDIR: temporary,
    XDG_RUNTIME_DIR: temporary,
    SHELL_SECRET: mark('shell'),
    SECRET_FROM_SHELL: mark('secret of the shell'),
    CONFIG_FROM_SHELL: mark('config of the shell'),
  };
  const leaks: string[] = [];
  const look = (where: string, text: string): void => {
    for (const door of leaksIn(text)) leaks.push(`${door} in ${where}`);
  };
  const run = async (words: readonly string[], more: Record<string, string> = {}): Promise<string> => {
    const { output } = await project.run(words, { environment: { ...environment, ...more } });
    look(`the output of ${words.join(' ')}`, output);
    return output;
  };
  const files = ['--env-file', 'more.env'];

  // Programs that are started, while they run.
  const upping = project.start([...files, '--json', 'up', '-d'], { environment });
  const seen = new Set<string>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const line of processes()) seen.add(line);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const { code, output } = await upping.finished;
  isOver = true;
  await watching;
  expect([code, output.includes('"type":"stack-ready"')]).toEqual([0, true]);
  look('events', output);
  expect([...seen].some((line) => line.includes('up'))).toBe(true);
  look('the list of processes', [...seen].join('\n'));

  // What the tools of both kinds show, and the reasons for what changes.
  const looking = [
    ['ps', '-a'],
    ['plan'],
    ['why', 'web'],
    ['timeline', '--json'],
    ['check'],
    ['viz'],
    ['images'],
    ['ls'],
    ['top'],
    ['volumes'],
    ['events', '--since', '10m', '--until', '0s'],
    ['config', '--images'],
    ['config', '--hash', '*'],
    ['config', '--services'],
    ['env', 'web'],
  ];
  await Promise.all(looking.map((words) => run([...files, ...words])));
  await run(['--env-file', 'more.env', 'diff', '--env-file', 'other.env']);
  const before = marks.get('environment') ?? '';
  project.write(
    'stack.yaml',
    stack().replace(before, mark('changed environment')).replace(mark('content'), mark('changed content')),
  );
  await run([...files, 'plan']);
  await run([...files, '--json', 'plan']);
  await run([...files, 'up', '-d']);
  await run([...files, 'build', '--no-cache', '--explain', 'web']);
  await run([...files, 'compose', 'up', '-d', '--force-recreate']);

  // What a build says when it fails, and files that are wrong beside secrets.
  project.write('Dockerfile', `${dockerfile}RUN --mount=type=secret,id=token false\n`);
  await run([...files, 'build']);
  project.write('Dockerfile', dockerfile);
  project.write('stack.yaml', stack().replace('    init: true', '    inti: true'));
  await run([...files, 'up', '-d']);
  project.write('stack.yaml', stack().replace(`DB_PASSWORD: ${before}`, `DB_PASSWORD: [${before}]`));
  await run([...files, 'check']);
  await run([...files, '--json', 'check']);
  project.write('web.env', `SMTP_PASSWORD="${mark('env_file')}\n`);
  await run([...files, 'check']);
  project.write('web.env', `SMTP_PASSWORD=${mark('env_file')}\n`);
  project.write('stack.yaml', stack());

  // Addresses with passwords.
  const password = mark('password of an engine');
  await run(['ps'], { DOCKER_HOST: `tcp://me:${password}@127.0.0.1:1` });
  await run(['doctor'], { DOCKER_HOST: `tcp://me:${password}@127.0.0.1:1` });
  const url = `http://me:${mark('password of a repository')}@127.0.0.1:1/x.git`;
  await run(['-f', url, 'config']);
  project.write('stack.yaml', `include: ["${url}"]\nservices: { web: { image: busybox } }\n`);
  await run(['check']);
  project.write('stack.yaml', `services: { web: { build: "${url}", labels: [${testLabel}=1] } }\n`);
  await Promise.all([run(['plan']), run(['build']), run(['--json', 'build'])]);
  project.write('stack.yaml', `services: { web: { image: "registry.invalid/x" } }\n`);
  await run(['pull']);
  project.write('stack.yaml', stack());

  // Screens.
  for (const ui of ['inline', 'full']) {
    const terminal = openTerminal({
      command: underTest,
      args: [launcher, ...files, '--ui', ui, 'up'],
      cwd: directory,
      env: { ...project.environment, ...environment, CI: undefined, NO_COLOR: undefined },
      columns: 160,
      rows: 50,
    });
    terminals.push(terminal);
    await terminal.waitFor(/2\/2 ready/);
    if (ui === 'full') {
      // What it would do, the environment, the build, and the rest of what there is to see.
      for (let pane = 0; pane < 7; pane++) {
        const before = terminal.screen().join('\n');
        terminal.type(']');
        await terminal.waitFor((rows) => rows.join('\n') !== before);
      }
    }
    terminal.type('q');
    await terminal.exit;
    look(`the ${ui} screen`, terminal.raw());
  }
  const shown = openTerminal({
    command: underTest,
    args: [launcher, ...files, 'config'],
    cwd: directory,
    env: { ...project.environment, ...environment },
    columns: 160,
  });
  terminals.push(shown);
  await shown.exit;
  look('config on a terminal', shown.raw());

  // What stays on the engine: the environment of a container is where the file puts it.
  const containers = await Promise.all(
    (await containersOf(name)).map(({ id }) => askEngine<Inspected>('GET', `/containers/${id}/json`)),
  );
  expect(containers).toHaveLength(2);
  for (const { Config, ...rest } of containers) {
    const { Env: _, ...config } = Config;
    look('a container', JSON.stringify({ ...rest, config }));
  }
  for (const path of [`/images/${name}-web/json`, `/images/${name}-web/history`, `/networks/${name}_default`])
    look(path.replace(name, 'NAME'), JSON.stringify(await askEngine('GET', path)));

  // What is kept of it all, and left behind.
  const kept = [`${directory}.state`, `${directory}.cache`].flatMap(filesBelow);
  expect(kept.some((file) => file.includes('stack/starts'))).toBe(true);
  for (const file of kept) look(path.relative(directory, file), readFileSync(file).toString('latin1'));
  expect(kept.filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
  const folders = new Set(kept.map((file) => path.dirname(file)).filter((one) => one.includes('/stack')));
  expect([...folders].filter((one) => (statSync(one).mode & 0o077) !== 0)).toEqual([]);
  expect(filesBelow(temporary).filter((file) => !file.endsWith('.lock'))).toEqual([]);
  expect([...new Set(leaks)]).toEqual([]);
}, 480_000);

test('a link in the place of a file that is kept is replaced, and what it leads to stays', async () => {
  const project = createProject({
    file: `services:\n  web:\n    image: busybox\n    labels: [${testLabel}=1]\n    init: true\n    command: [sleep, infinity]\n    uts: host\n`,
  });
  projects.push(project);
  const state = `${project.directory}.state/stack`;
  expect((await project.run(['up', '-d', '--trust'])).code).toBe(0);
  const kept = filesBelow(state);
  expect(kept.map((file) => path.basename(path.dirname(file))).sort()).toEqual(['starts', 'trust']);
  project.write('victim', 'mine');
  for (const file of kept) {
    rmSync(file);
    symlinkSync(path.join(project.directory, 'victim'), file);
  }
  expect((await project.run(['up', '-d', '--trust', '--force-recreate'])).code).toBe(0);
  expect(readFileSync(path.join(project.directory, 'victim'), 'utf8')).toBe('mine');
  for (const file of kept) expect(statSync(file).size).toBeGreaterThan(4);
});

/** An argument is in the history of the stage that takes it, and of no other. */
const dockerfile = `FROM busybox AS first
ARG NPM_TOKEN
RUN test -n "$NPM_TOKEN" && touch /made
FROM busybox
COPY --from=first /made /made
RUN --mount=type=secret,id=token --mount=type=secret,id=file test -s /run/secrets/token
`;

/** The words of the programs that this test has started, and of what these have. */
function processes(): readonly string[] {
  const known = new Map<string, string>();
  const parents = new Map<string, string>();
  for (const id of readdirSync('/proc')) {
    if (!/^\d+$/.test(id)) continue;
    try {
      known.set(id, readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' '));
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      parents.set(id, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '');
    } catch {
      // It has ended meanwhile.
    }
  }
  const isOurs = (id: string | undefined): boolean =>
    id !== undefined && (id === String(process.pid) || isOurs(parents.get(id)));
  return [...known].flatMap(([id, words]) => (id !== String(process.pid) && isOurs(id) ? [words] : []));
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
