import { afterAll, expect, test } from 'vitest';
import type { BuildPart, EventBody } from '../../src/model/event.ts';
import { misfits, readEventsPage } from '../helpers/events-page.ts';
import { createProject, testLabel } from '../helpers/project.ts';

const page = readEventsPage();
const project = createProject();
afterAll(() => project.remove());

const dockerfile = (...steps: readonly string[]): string => ['FROM busybox', ...steps].join('\\n');
const common = `labels: [${testLabel}], stop_grace_period: 0s`;
/** It is healthy once it has been asked so often, however long that takes. */
const db = (probes: number) => `  db:
    {image: busybox, ${common}, environment: {DB_PASSWORD: hunter2x9}, stop_signal: KILL, command: sleep 1000,
     healthcheck: {test: "echo >> /asked; test $$(wc -l < /asked) -ge ${probes} || { echo hello; echo hunter2x9 is refused; false; }", interval: 1s, retries: 90}}`;

/** All lines of a run, which are events as the page says, and nothing else. */
function eventsOf(stdout: string): readonly EventBody[] {
  const lines = stdout.trimEnd().split('\n');
  expect(lines.flatMap((line) => misfits(line, page))).toEqual([]);
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  return lines.map((line) => JSON.parse(line));
}

type Of<T extends EventBody['type']> = Extract<EventBody, { type: T }>;
const all = <T extends EventBody['type']>(events: readonly EventBody[], type: T) =>
  events.filter((event): event is Of<T> => event.type === type);
const partsIn = (events: readonly EventBody[]): readonly BuildPart[] =>
  all(events, 'step-progressed').flatMap(({ progress }) => progress.parts ?? []);

test('up tells all that happens: the steps of builds, how healthchecks go, and its verdict', async () => {
  const build = dockerfile('RUN echo one && echo two', 'CMD sleep 1000');
  project.write(
    'stack.yaml',
    `services:\n${db(20)}\n  web:\n    {build: {dockerfile_inline: "${build}", no_cache: true, labels: [${testLabel}]}, ${common},
     depends_on: {db: {condition: service_healthy}}, stop_signal: KILL}\n`,
  );
  const { code, stdout } = await project.run(['up', '-d', '--build', '--json']);
  const events = eventsOf(stdout);
  expect(code, stdout).toBe(0);
  const run = partsIn(events).filter(({ name }) => name === '[2/2] RUN echo one && echo two');
  expect(run[0]).toMatchObject({ state: 'running' });
  expect(run.at(-1)).toMatchObject({ state: 'done', milliseconds: expect.any(Number) });
  expect(run.flatMap(({ lines = [] }) => lines)).toEqual(['one', 'two']);
  const probes = all(events, 'health-probed');
  expect(probes.map(({ probe }) => probe)).toEqual(probes.map((_, index) => index + 1));
  expect(probes[0]).toMatchObject({ service: 'db', passed: false, said: '******** is refused' });
  expect(events.at(-2)).toMatchObject({ type: 'stack-ready', changed: true });
  expect(events.at(-1)).toMatchObject({
    type: 'command-ended',
    exitCode: 0,
    errors: 0,
    services: [
      { name: 'db', state: 'healthy', ready: true },
      { name: 'web', state: 'running', ready: true },
    ],
  });
});

test('attached, up tells the probes of the engine, too, and what is stopped', async () => {
  await project.run(['down']);
  project.write('stack.yaml', `services:\n${db(1000)}\n`);
  const up = project.start(['--json', 'up']);
  // Without anyone who waits for it only the engine looks; more than one run tells that it is heard each time.
  await up.waitFor(/"health-probed".*"probe":3,.*is refused/);
  up.signal('SIGINT');
  const { code, stdout } = await up.finished;
  expect(code).toBe(130);
  const events = eventsOf(stdout);
  const probes = all(events, 'health-probed').map(({ probe }) => probe);
  expect(probes).toEqual(probes.map((_, index) => index + 1));
  // What the engine says of a container comes in its own time.
  const heard = ['container-changed', 'output-ended'];
  const last = events.map(({ type }) => type).filter((type) => !heard.includes(type));
  expect(last.slice(-2)).toEqual(['stack-stopped', 'command-ended']);
  expect(events.at(-1)).toMatchObject({ exitCode: 130, services: [{ name: 'db', ready: false }] });
});

test.each([
  ['BuildKit', {}],
  ['the classic builder', { DOCKER_BUILDKIT: '0' }],
])('a failed build by %s tells its steps; the verdict says who failed', async (_, environment) => {
  const build = dockerfile('RUN echo before', 'RUN echo last words && false');
  const image = `dockerfile_inline: "${build}", no_cache: true, labels: [${testLabel}]`;
  project.write(
    'stack.yaml',
    `services:\n  web: {build: {${image}}, ${common}}\n  top: {image: busybox, ${common}, depends_on: [web]}\n`,
  );
  const { code, stdout } = await project.run(['--json', 'up', '-d', '--build', '--remove-orphans'], {
    environment,
  });
  expect(code).toBe(1);
  const events = eventsOf(stdout);
  const ended = partsIn(events).filter(({ milliseconds }) => milliseconds !== undefined);
  expect(ended.filter(({ name }) => /^\[.*RUN/.test(name))).toMatchObject([
    { name: expect.stringMatching(/^\[2\/\d\] RUN echo before$/), state: 'done' },
    { name: expect.stringMatching(/^\[3\/\d\] RUN echo last words && false$/), state: 'failed' },
  ]);
  const failing = partsIn(events).filter(({ name }) => name.startsWith('[3/'));
  expect(failing.flatMap(({ lines = [] }) => lines)).toEqual(['last words']);
  expect(all(events, 'step-failed')).toMatchObject([{ problem: { code: 'build-failed', service: 'web' } }]);
  const [verdict] = all(events, 'command-ended');
  expect(events.at(-1)).toBe(verdict);
  expect(verdict).toMatchObject({ exitCode: 1, errors: 1 });
  expect(verdict?.services.find(({ name }) => name === 'web')).toMatchObject({
    state: 'failed',
    ready: false,
  });
});

test('what cannot even begin is told as events, too', async () => {
  project.write('stack.yaml', 'services:\n  web: {imag: busybox}\n');
  const { code, stdout } = await project.run(['up', '--json']);
  expect(code).toBe(1);
  const events = eventsOf(stdout);
  expect(events[0]).toMatchObject({ type: 'problem-found', problem: { location: { line: 2 } } });
  expect(events.at(-1)).toMatchObject({ type: 'command-ended', exitCode: 1, services: [] });
});
