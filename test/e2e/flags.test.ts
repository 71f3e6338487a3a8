import { afterEach, describe, expect, test } from 'vitest';
import { askEngine, containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject | undefined;
afterEach(() => project?.remove());

const labels = `labels: [${testLabel}=1]`;
const sleeper = `image: busybox, command: [sleep, infinity], init: true, stop_signal: KILL, ${labels}`;

/** `web` needs `db`, and nothing needs `other`. */
const file = (more = '') => `
services:
  web: { ${sleeper}, depends_on: [db] }
  db: { ${sleeper}${more} }
  other: { ${sleeper} }
`;

function created(text = file()): TestProject {
  project = createProject({ file: text });
  return project;
}

type By = (own: TestProject, words: readonly string[]) => ReturnType<TestProject['run']>;
const both: readonly (readonly [string, By])[] = [
  ['stack', (own, words) => own.run(words)],
  ...(compose === undefined
    ? []
    : [
        [
          'docker compose',
          ((own, words) => own.startOther(compose, ['-f', 'stack.yaml', ...words]).finished) as By,
        ] as const,
      ]),
];

const servicesOf = async ({ name }: TestProject) =>
  (await containersOf(name)).map(({ service, state }) => `${service} ${state}`).toSorted();

const idsOf = async ({ name }: TestProject): Promise<Record<string, string>> =>
  Object.fromEntries((await containersOf(name)).map(({ service, id }) => [service, id]));

/** Makes `other` an orphan. */
const withoutOther = (own: TestProject) => own.write('stack.yaml', file().replace(/ {2}other.*\n/, ''));

describe.each(both)('%s', (_, by) => {
  test('orphans are removed by what says so', async () => {
    const own = created();
    expect((await own.run(['up', '-d'])).code).toBe(0);
    withoutOther(own);
    expect((await by(own, ['kill', '--remove-orphans', 'web'])).code).toBe(0);
    // Docker Compose does not wait for the end.
    await expect.poll(() => servicesOf(own)).toEqual(['db running', 'other running', 'web exited']);
    expect((await by(own, ['create', '-y', '--remove-orphans'])).code).toBe(0);
    expect(await servicesOf(own)).toEqual(['db running', 'web exited']);
    own.write('stack.yaml', file());
    expect((await own.run(['up', '-d'])).code).toBe(0);
    withoutOther(own);
    expect((await by(own, ['run', '--rm', '--remove-orphans', '-i', 'web', 'true'])).code).toBe(0);
    expect(await servicesOf(own)).toEqual(['db running', 'web running']);
  });

  test('scale --no-deps leaves what a service needs alone', async () => {
    const own = created();
    expect((await by(own, ['scale', '--no-deps', 'web=2'])).code).toBe(0);
    expect(await servicesOf(own)).toEqual(['web running', 'web running']);
    expect((await by(own, ['scale', 'web=1'])).code).toBe(0);
    expect(await servicesOf(own)).toEqual(['db running', 'web running']);
  });

  test('up --always-recreate-deps replaces what a service needs, and without it that stays', async () => {
    const own = created();
    expect((await own.run(['up', '-d'])).code).toBe(0);
    const first = await idsOf(own);
    expect((await by(own, ['up', '-d', '-y', '--menu=false', 'web'])).code).toBe(0);
    expect(await idsOf(own)).toEqual(first);
    expect((await by(own, ['up', '-d', '--always-recreate-deps', 'web'])).code).toBe(0);
    const second = await idsOf(own);
    expect(second.db).not.toBe(first.db);
    expect(second.other).toBe(first.other);
  });

  test('create neither builds nor pulls what it is told not to', async () => {
    const own = created(`
services:
  built: { build: { context: . } }
  absent: { image: "localhost:1/absent:1" }
`);
    own.write('Dockerfile', 'FROM busybox\n');
    expect((await by(own, ['create', '--no-build', 'built'])).code).toBe(1);
    expect((await by(own, ['create', '--pull', 'never', 'absent'])).code).toBe(1);
    expect(await servicesOf(own)).toEqual([]);
  });

  test('builds and pulls can be silent', async () => {
    const own = created(`
services:
  built: { build: { context: ., ${labels} }, command: [sleep, infinity], init: true, stop_signal: KILL, ${labels} }
  plain: { ${sleeper} }
`);
    own.write('Dockerfile', 'FROM busybox\nRUN echo said by the build\n');
    const output = async (...words: string[]) => {
      const finished = await by(own, words);
      expect([finished.code, finished.output]).toEqual([0, finished.output]);
      return finished.output;
    };
    expect(await output('up', '-d', '--build', '--quiet-build', '--no-color')).not.toContain('said by');
    expect(await output('run', '--rm', '--build', '--quiet-build', 'built', 'true')).not.toContain('said by');
    expect(await output('up', '-d', '--pull', 'always', '--quiet-pull', 'plain')).not.toMatch(
      /layers|Pull complete/,
    );
    expect(await output('run', '--rm', '--pull', 'always', '--quiet-pull', 'plain', 'true')).not.toMatch(
      /layers|Pull complete/,
    );
    expect(await output('pull', '--quiet', 'plain')).not.toMatch(/layers|Pull complete/);
  });

  test('run: more and fewer rights, and the names of the service if asked for', async () => {
    const own = created(file().replace('depends_on: [db]', 'cap_drop: [ALL], network_mode: none'));
    const rights = async (...words: string[]) =>
      (await by(own, ['run', '--rm', ...words, 'web', 'grep', 'CapEff', '/proc/self/status'])).stdout.trim();
    expect(await rights()).toBe('CapEff:\t0000000000000000');
    expect(await rights('--cap-add', 'CHOWN')).toBe('CapEff:\t0000000000000001');
    own.write('stack.yaml', file());
    const found = (...words: string[]) =>
      by(own, ['run', '--rm', ...words, 'other', 'nslookup', 'other.', '127.0.0.11']);
    expect((await found()).code).not.toBe(0);
    expect((await found('--use-aliases')).code).toBe(0);
  });

  test('ls -q names projects, stats knows those that have ended and whole ids', async () => {
    const own = created();
    expect((await own.run(['up', '-d', 'db'])).code).toBe(0);
    const { db } = await idsOf(own);
    expect((await by(own, ['ls', '-q'])).stdout.split('\n')).toContain(own.name);
    expect((await by(own, ['stats', '--no-stream', '--no-trunc'])).stdout).toContain(db);
    expect((await own.run(['stop', 'db'])).code).toBe(0);
    expect((await by(own, ['stats', '--no-stream'])).stdout).not.toContain(`${own.name}-db-1`);
    expect((await by(own, ['stats', '--no-stream', '--all'])).stdout).toContain(`${own.name}-db-1`);
  });

  test('logs within a time, without colour', async () => {
    const own = created(`
services:
  early: { image: busybox, command: [echo, early bird], ${labels} }
  late: { image: busybox, command: [echo, late bird], ${labels}, depends_on: { early: { condition: service_completed_successfully } } }
`);
    expect((await own.run(['up', '--abort-on-container-failure'])).code).toBe(0);
    const line = (await own.run(['logs', '-t', '--no-log-prefix', 'late'])).stdout;
    const time = line.split(' ')[0] ?? '';
    const logs = async (...words: string[]) => (await by(own, ['logs', '--no-color', ...words])).stdout;
    expect(await logs('--until', time)).toContain('early bird');
    expect(await logs('--since', time)).toMatch(/^late-1 +\| late bird\n$/);
    expect(await logs('--since', '2999-01-01')).toBe('');
  });

  test('cp to every container of a service', async () => {
    const own = created(`services: { web: { ${sleeper}, scale: 2 } }`);
    expect((await own.run(['up', '-d'])).code).toBe(0);
    expect((await by(own, ['cp', '--all', 'stack.yaml', 'web:/there'])).code).toBe(0);
    for (const index of ['1', '2']) {
      expect((await own.run(['exec', '-T', '--index', index, 'web', 'ls', '/there'])).stdout).toBe(
        '/there\n',
      );
    }
  });

  test('commit says who made it and why, and need not pause', async () => {
    const own = created();
    expect((await own.run(['up', '-d', 'db'])).code).toBe(0);
    const image = `${own.name}-made:1`;
    const words = ['commit', '--author', 'A. Person', '--message', 'as found', '--pause=false', 'db', image];
    expect((await by(own, words)).code).toBe(0);
    const { Author, Comment } = await askEngine<{ Author: string; Comment: string }>(
      'GET',
      `/images/${image}/json`,
    );
    await askEngine('DELETE', `/images/${image}`);
    expect([Author, Comment]).toEqual(['A. Person', 'as found']);
  });

  test('pull and push also take what a service needs', async () => {
    const own = created(`
services:
  web: { image: busybox, depends_on: [db], ${labels} }
  db: { build: { context: ., ${labels} }, image: "localhost:1/absent:1", ${labels} }
`);
    own.write('Dockerfile', 'FROM busybox\n');
    expect((await by(own, ['pull', '--quiet', 'web'])).code).toBe(0);
    expect((await by(own, ['pull', '--include-deps', 'web'])).code).toBe(1);
    expect((await by(own, ['build', '-q', '--with-dependencies', 'web'])).code).toBe(0);
    expect((await by(own, ['push', '--quiet', 'web'])).code).toBe(0);
    expect((await by(own, ['push', '--include-deps', '-q', 'web'])).code).toBe(1);
  });
});

describe.each(both)('config by %s', (_, by) => {
  const text = `
services:
  web:
    image: "busybox:\${TAG:-1.37}"
    networks: [front]
    volumes: ["data:/data", "./here:/there"]
    env_file: [web.env]
    depends_on: [db]
    models: [small]
  db: { image: busybox, build: { context: . } }
networks: { front: {} }
volumes: { data: {} }
models: { small: { model: ai/tiny } }
`;

  test.each([
    [['config', '--networks'], /^(front\ndefault|default\nfront)\n$/],
    [['config', '--volumes'], /^data\n$/],
    [['config', '--models'], /^ai\/tiny\n$/],
    [['config', '--variables'], /^TAG +false +1\.37 *$/m],
    [['config', '--no-normalize'], /^networks:\n {2}front: \{\}$/m],
    [['config', '--no-path-resolution'], /source: \.\/here$/m],
    [['config', '--no-consistency', '--quiet'], /^$/],
    [['--env-file', 'other.env', 'config', '--images', 'web'], /busybox:other/],
  ])('%s', async (words, expected) => {
    const own = created(text);
    own.write('web.env', 'FROM_FILE=1\n');
    own.write('other.env', 'TAG=other\n');
    const { code, stdout } = await by(own, words);
    expect(code).toBe(0);
    expect(stdout).toMatch(expected);
  });
});

test('config --no-env-resolution reads no env file', async () => {
  const own = created('services: { web: { image: busybox, env_file: [absent.env] } }');
  expect((await own.run(['config'])).code).toBe(1);
  const { code, stdout } = await own.run(['config', '--no-env-resolution']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('absent.env')]);
});

test('attach --sig-proxy=false ends alone, and the container goes on', async () => {
  const ticker = 'while true; do echo tick; sleep 0.1; done';
  const own = created(
    `services: { web: { image: busybox, command: [sh, -c, "${ticker}"], stop_signal: KILL, ${labels} } }`,
  );
  expect((await own.run(['up', '-d'])).code).toBe(0);
  const attached = own.start(['attach', '--sig-proxy=false', '--no-stdin', 'web']);
  await attached.waitFor(/tick/);
  attached.signal('SIGINT');
  expect((await attached.finished).code).not.toBe(0);
  expect(await servicesOf(own)).toEqual(['web running']);
});
