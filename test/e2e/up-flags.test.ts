import { afterEach, describe, expect, test } from 'vitest';
import { containersOf } from '../helpers/engine.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** The real Docker Compose, which the lab provides where it can. */
const compose = process.env.STACK_LAB_COMPOSE;

let project: TestProject | undefined;
afterEach(() => project?.remove());

const service = (command: string, more = '') =>
  `{ image: busybox, command: ${command}, init: true, stop_grace_period: 2s, labels: [${testLabel}=1]${more} }`;
const sleeper = (more = '') => service('[sleep, infinity]', more);
/** For a container whose command may make the file. */
const untilReady = 'healthcheck: { test: [CMD, test, -e, /ready], interval: 100ms, retries: 1000 }';
const stays = `
services:
  web: ${sleeper(', depends_on: [db]')}
  db: ${sleeper()}
  quiet: ${service('[sh, -c, "echo from quiet; sleep infinity"]', ', attach: false')}
`;

/** Names of containers without the project, and their states. */
async function states(own: TestProject): Promise<Record<string, string>> {
  const containers = await containersOf(own.name);
  return Object.fromEntries(containers.map(({ name, state }) => [name.slice(own.name.length + 1), state]));
}

async function idsOf(own: TestProject): Promise<Record<string, string>> {
  return Object.fromEntries((await containersOf(own.name)).map(({ service: name, id }) => [name, id]));
}

/** Runs the same words by the program or by Docker Compose. */
type By = (own: TestProject, words: readonly string[]) => ReturnType<TestProject['run']>;
const byStack: By = (own, words) => own.run(words);
const byCompose: By = (own, words) =>
  own.startOther(compose ?? '', ['-f', 'stack.yaml', '--progress', 'quiet', ...words]).finished;
const both: readonly (readonly [string, By])[] = [
  ['stack', byStack],
  ...(compose === undefined ? [] : [['docker compose', byCompose] as const]),
];

describe.each(both)('%s: which containers there are afterwards', (_, by) => {
  test('--no-start, --scale, --no-deps, create, scale', async () => {
    const own = createProject({ file: stays });
    project = own;
    expect((await by(own, ['up', '--no-start', '--scale', 'web=2', 'web'])).code).toBe(0);
    expect(await states(own)).toEqual({ 'db-1': 'created', 'web-1': 'created', 'web-2': 'created' });
    expect((await by(own, ['up', '-d', '--no-deps', 'web'])).code).toBe(0);
    expect(await states(own)).toEqual({ 'db-1': 'created', 'web-1': 'running' });
    expect((await by(own, ['scale', 'web=3'])).code).toBe(0);
    expect(await states(own)).toEqual({
      'db-1': 'running',
      'web-1': 'running',
      'web-2': 'running',
      'web-3': 'running',
    });
    expect((await by(own, ['create', '--scale', 'web=1'])).code).toBe(0);
    expect(await states(own)).toEqual({ 'db-1': 'running', 'web-1': 'running', 'quiet-1': 'created' });
    expect((await by(own, ['scale', 'nobody=2'])).code).toBe(1);
    expect((await by(own, ['scale', 'web'])).code).toBe(1);
  });

  test('--no-recreate, --force-recreate, --always-recreate-deps, --renew-anon-volumes', async () => {
    const own = createProject({ file: stays.replaceAll('init: true', 'init: true, volumes: [/data]') });
    project = own;
    const up = async (...words: string[]) => {
      expect((await by(own, ['up', '-d', '-t', '1', ...words])).code).toBe(0);
      return idsOf(own);
    };
    const volumesOf = async () =>
      (await containersOf(own.name)).find(({ service: name }) => name === 'web')?.mounts[0]?.name;
    const first = await up('web');
    const volume = await volumesOf();
    own.write('stack.yaml', stays.replaceAll('init: true', 'init: true, volumes: [/data], user: "1"'));
    expect(await up('--no-recreate', 'web')).toEqual(first);
    const second = await up('web');
    expect(second.db).not.toBe(first.db);
    const third = await up('--force-recreate', 'web');
    expect([third.db === second.db, third.web === second.web]).toEqual([true, false]);
    const fourth = await up('--always-recreate-deps', 'web');
    expect([fourth.db === third.db, fourth.web === third.web]).toEqual([false, true]);
    expect(await volumesOf()).toBe(volume);
    const fifth = await up('--renew-anon-volumes', 'web');
    expect([fifth.db === fourth.db, fifth.web === fourth.web]).toEqual([true, false]);
    expect(await volumesOf()).not.toBe(volume);
  });

  test('--remove-orphans', async () => {
    const own = createProject({ file: stays });
    project = own;
    expect((await by(own, ['up', '-d', 'db', 'quiet'])).code).toBe(0);
    own.write('stack.yaml', `services:\n  db: ${sleeper()}\n`);
    expect((await by(own, ['up', '-d'])).code).toBe(0);
    expect(await states(own)).toEqual({ 'db-1': 'running', 'quiet-1': 'running' });
    expect((await by(own, ['up', '-d', '--remove-orphans'])).code).toBe(0);
    expect(await states(own)).toEqual({ 'db-1': 'running' });
  });
});

describe.each(both)('%s: how it ends', (_, by) => {
  const ending = `
services:
  job: ${service('["true"]', ', depends_on: { web: { condition: service_healthy } }')}
  bad: ${service('[sh, -c, "exit 7"]', ', depends_on: { job: { condition: service_completed_successfully } }')}
  web: ${service('[sh, -c, "trap \'exit 9\' TERM; touch /ready; sleep infinity & wait"]', `, ${untilReady}`)}
`;

  test.each([
    [['--abort-on-container-exit', 'job', 'web'], 0],
    [['--abort-on-container-failure'], 7],
    [['--exit-code-from', 'web', 'job', 'web'], 9],
    [['--exit-code-from', 'bad', '--abort-on-container-failure'], 7],
    [['--abort-on-container-exit', '--no-deps', 'bad'], 7],
  ])('up %s: %i', async (words, code) => {
    const own = createProject({ file: ending });
    project = own;
    expect((await by(own, ['up', ...words])).code).toBe(code);
    const alive = Object.values(await states(own)).filter((state) => state === 'running');
    expect(alive).toEqual([]);
  });

  test.each([
    [['up', '-d', '--abort-on-container-exit']],
    [['up', '--wait', '--attach', 'job']],
    [['up', '--build', '--no-build']],
    [['up', '-d', '--force-recreate', '--no-recreate']],
    [['up', '-d', '--no-recreate', '-V']],
    [['up', '--exit-code-from', 'nobody']],
    [['up', '--attach', 'nobody']],
    [['up', '-d', '--pull', 'sometimes']],
    [['up', '-d', '--scale', 'job']],
    [['up', '-d', '--scale', 'nobody=1']],
    [['up', '--abort-on-container-exit', '--abort-on-container-failure']],
    [['create', '--force-recreate', '--no-recreate']],
  ])('%s is refused', async (words) => {
    const own = createProject({ file: ending });
    project = own;
    expect((await by(own, words)).code).toBe(1);
    expect(await states(own)).toEqual({});
  });

  test('up --wait: until all is healthy', async () => {
    const own = createProject({
      file: `services:\n  web: ${service('[sh, -c, "sleep 0.5; touch /ready; sleep infinity"]', `, ${untilReady}`)}\n`,
    });
    project = own;
    expect((await by(own, ['up', '--wait'])).code).toBe(0);
  });
});

test('up --wait gives up after --wait-timeout and leaves what runs', async () => {
  // Whether Docker Compose fails then depends on which of its two timers is first.
  const own = createProject({ file: `services:\n  web: ${sleeper(`, ${untilReady}`)}\n` });
  project = own;
  expect((await own.run(['up', '--wait', '--wait-timeout', '1'])).code).toBe(1);
  expect(await states(own)).toEqual({ 'web-1': 'running' });
});

describe('what up tells', () => {
  const talkers = `
services:
  web: ${service('[echo, from web]', ', depends_on: [db]')}
  db: ${service('[echo, from db]')}
  quiet: ${service('[echo, from quiet]', ', attach: false')}
`;
  const said = async (words: readonly string[]) => {
    const own = createProject({ file: talkers });
    project = own;
    const { stdout } = await own.run(['up', ...words]);
    return ['web', 'db', 'quiet'].filter((name) => stdout.includes(`from ${name}`));
  };

  test('the output of the chosen services that do not decline', async () => {
    expect(await said([])).toEqual(['web', 'db']);
  });
  test('of the named ones, not of what they depend on', async () => {
    expect(await said(['web'])).toEqual(['web']);
  });
  test('--attach-dependencies', async () => {
    expect(await said(['--attach-dependencies', 'web'])).toEqual(['web', 'db']);
  });
  test('--attach, even if it declines', async () => {
    expect(await said(['--attach', 'quiet'])).toEqual(['quiet']);
  });
  test('--no-attach', async () => {
    expect(await said(['--no-attach', 'web'])).toEqual(['db']);
  });

  test('--no-log-prefix and --timestamps', async () => {
    const own = createProject({ file: `services:\n  web: ${service('[echo, from web]')}\n` });
    project = own;
    const { stdout } = await own.run(['up', '--no-log-prefix', '--timestamps']);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z from web$/m);
  });

  test('a job that has ended well is ready, one that failed is not', async () => {
    const own = createProject({ file: `services:\n  job: ${service('["true"]')}\n` });
    project = own;
    expect((await own.run(['up', '--wait'])).code).toBe(0);
    own.write('stack.yaml', `services:\n  job: ${service('["false"]')}\n`);
    expect((await own.run(['up', '--wait'])).code).toBe(1);
  });

  test('a container that fails while others are still waited for ends all at once, with its code', async () => {
    const never = 'healthcheck: { test: [CMD, "false"], interval: 1s, retries: 1000 }';
    const own = createProject({
      file: `
services:
  gate: ${sleeper(`, ${never}`)}
  web: ${sleeper(', depends_on: { gate: { condition: service_healthy } }')}
  job: ${service('[sh, -c, "sleep 0.5; exit 7"]', ', depends_on: [gate]')}
`,
    });
    project = own;
    expect((await own.run(['up', '--abort-on-container-failure'])).code).toBe(7);
    const { 'web-1': web, ...others } = await states(own);
    expect(others).toEqual({ 'gate-1': 'exited', 'job-1': 'exited' });
    // Whether it has been made by then depends on who is faster.
    expect(['created', undefined]).toContain(web);
  });

  test('orphans unless COMPOSE_IGNORE_ORPHANS is set', async () => {
    const own = createProject({ file: stays });
    project = own;
    await own.run(['up', '-d', 'db', 'quiet']);
    own.write('stack.yaml', `services:\n  db: ${sleeper()}\n`);
    expect((await own.run(['up', '-d'])).output).toContain('quiet-1');
    const environment = { COMPOSE_IGNORE_ORPHANS: '1' };
    expect((await own.run(['up', '-d'], { environment })).output).not.toContain('quiet-1');
    const refused = await own.run(['up', '-d', '--remove-orphans'], { environment });
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('are incompatible')]);
    await own.run(['up', '-d'], { environment: { COMPOSE_REMOVE_ORPHANS: 'true' } });
    expect(await states(own)).toEqual({ 'db-1': 'running' });
  });
});
