import { afterEach, expect, test, vi } from 'vitest';
import { createEventHub } from '../../src/docker/events.ts';
import { follow } from '../../src/docker/follow.ts';
import type { ContainerChanged, EventBody } from '../../src/model/event.ts';
import type { FollowRequest } from '../../src/model/runtime.ts';
import { collect } from '../helpers/collect.ts';
import { createFakeEngine, type FakeEngine } from '../helpers/fake-engine.ts';

function following(engine: FakeEngine, services = ['web'], more: Partial<FollowRequest> = {}) {
  const finish = new AbortController();
  const cut = new AbortController();
  const request = { project: 'p', services: new Set(services), logsSince: 0, finish: finish.signal, ...more };
  const told = collect<EventBody>(follow(engine.http, createEventHub(engine.http, 'p'), request, cut.signal));
  return { ...told, finish: () => finish.abort(), cut: () => cut.abort() };
}

const linesOf = (values: readonly EventBody[]): string[] =>
  values.flatMap((event) => (event.type === 'logs-written' ? event.lines : []));
const statesOf = (values: readonly EventBody[]): string[] =>
  values.flatMap((event) => (event.type === 'container-changed' ? event.state : []));
const problemsIn = (values: readonly EventBody[]) =>
  values.flatMap((event) => (event.type === 'problem-found' ? event.problem : []));

const logReads = (engine: FakeEngine): number =>
  engine.requests.filter((request) => request.includes('/logs')).length;

afterEach(() => {
  vi.useRealTimers();
});

test('finishing waits for what an ended container has written, however long it takes to arrive', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = following(engine);
  engine.write('web', 'one');
  await told.until((values) => linesOf(values).includes('one'));
  engine.end('web', { keepLog: true });
  told.finish();
  await told.until((values) => statesOf(values).includes('exited'));
  engine.write('web', 'last words');
  engine.endLog('web');
  await told.ended;
  expect(linesOf(told.values)).toEqual(['one', 'last words']);
});

test('finishing finds what was not heard of yet', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  const told = following(engine);
  await told.until((values) => statesOf(values).includes('created'));
  const web = engine.add('web');
  web.state = { ...web.state, Status: 'exited', StartedAt: '2026-01-01T00:00:01Z' };
  engine.write('web', 'brief');
  told.finish();
  await told.ended;
  expect(linesOf(told.values)).toEqual(['brief']);
  expect(statesOf(told.values)).toEqual(['created', 'exited']);
});

test('what was told of before and is not there any more is gone', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  const before = { type: 'container-changed', service: 'db', number: 1, name: 'p-db-1', ports: [] } as const;
  const known: ContainerChanged[] = [{ ...before, id: 'db', state: 'running' }];
  const told = following(engine, ['web'], { known });
  await told.until((values) => statesOf(values).length === 2);
  expect(told.values).toContainEqual({ ...before, id: 'db', state: 'gone' });
  told.cut();
  await told.ended;
});

test('finishing does not wait for a container that runs, not even for one that writes without end', async () => {
  const engine = createFakeEngine();
  for (const id of ['web', 'db']) {
    engine.add(id);
    engine.start(id);
  }
  const told = following(engine, ['web', 'db']);
  engine.write('web', 'hello');
  await told.until((values) => linesOf(values).includes('hello'));
  const writing = setInterval(() => engine.write('db', 'more'), 10);
  told.finish();
  await told.ended;
  clearInterval(writing);
  expect(linesOf(told.values)).toContain('more');
});

test('finishing is not held up by an ended container whose output never ends', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = following(engine);
  engine.write('web', 'one');
  await told.until((values) => linesOf(values).includes('one'));
  engine.end('web', { keepLog: true });
  told.finish();
  await told.ended;
});

test('a cut ends it at once', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = following(engine);
  engine.write('web', 'one');
  await told.until((values) => linesOf(values).includes('one'));
  told.cut();
  await told.ended;
});

test('the rest of what a removed container wrote is told under its name', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = following(engine);
  engine.write('web', 'one');
  await told.until((values) => linesOf(values).includes('one'));
  engine.end('web', { keepLog: true });
  engine.remove('web');
  await told.until((values) => statesOf(values).includes('gone'));
  engine.write('web', 'two');
  engine.endLog('web');
  await told.until((values) => linesOf(values).includes('two'));
  expect(told.values.at(-1)).toMatchObject({ service: 'web', number: 1, source: 'web-1' });
  expect(statesOf(told.values).filter((state) => state === 'gone')).toHaveLength(1);
  told.cut();
});

test('output that the engine does not give out is a warning, and is asked for again when the container starts again', async () => {
  const engine = createFakeEngine();
  const web = engine.add('web');
  web.unreadable = { status: 501, message: 'configured logging driver does not support reading' };
  engine.start('web');
  const told = following(engine);
  await told.until((values) => problemsIn(values).length > 0);
  expect(problemsIn(told.values)).toEqual([
    expect.objectContaining({
      code: 'engine-refused',
      severity: 'warning',
      service: 'web',
      cause: 'configured logging driver does not support reading',
    }),
  ]);
  // Each is looked at; the answer to the last one is in when the state it brings is told.
  for (let i = 0; i < 5; i++) engine.tell('web', 'update');
  web.state = { ...web.state, Status: 'paused' };
  engine.tell('web', 'pause');
  await told.until((values) => statesOf(values).includes('paused'));
  expect(logReads(engine)).toBe(1);

  engine.end('web');
  engine.start('web');
  await engine.asked(/\/logs/, 2);
  engine.end('web');
  told.finish();
  await told.ended;
  expect(problemsIn(told.values)).toHaveLength(1);
});

test('an engine that refuses an answer is asked again, and is believed after a few times', async () => {
  vi.useFakeTimers();
  const engine = createFakeEngine();
  const web = engine.add('web');
  web.refusals = 2;
  engine.start('web');
  engine.write('web', 'one');
  const told = following(engine);
  await vi.advanceTimersByTimeAsync(2000);
  expect(linesOf(told.values)).toEqual(['one']);
  expect(problemsIn(told.values)).toEqual([]);
  // What was over counts no more.
  web.refusals = 5;
  engine.tell('web', 'update');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(web.refusals).toBe(0);
  web.refusals = 100;
  engine.tell('web', 'update');
  const failed = expect(told.ended).rejects.toThrow('no room');
  await vi.advanceTimersByTimeAsync(10_000);
  await failed;
  expect(web.refusals).toBe(94);
});

test('a container that waits to be started again by its restart policy is not read over and over', async () => {
  const engine = createFakeEngine();
  const web = engine.add('web');
  engine.start('web');
  const told = following(engine);
  engine.write('web', 'one');
  await told.until((values) => linesOf(values).includes('one'));
  web.state = { ...web.state, Status: 'restarting', Restarting: true, ExitCode: 1 };
  engine.endLog('web');
  engine.tell('web', 'die');
  await told.until((values) => statesOf(values).includes('restarting'));
  web.state = { ...web.state, Status: 'paused' };
  engine.tell('web', 'pause');
  await told.until((values) => statesOf(values).includes('paused'));
  expect(logReads(engine)).toBe(1);
  told.cut();
});

test('reads that break off without a line are tried again with growing pauses', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = following(engine);
  const began = performance.now();
  for (let reads = 1; reads <= 4; reads++) {
    await engine.asked(/\/logs/, reads);
    engine.endLog('web');
  }
  // 0, 100, 200 and 400 ms.
  expect(performance.now() - began).toBeGreaterThan(600);
  engine.write('web', 'at last');
  await told.until((values) => linesOf(values).includes('at last'));
  told.cut();
});

test('a lost connection is told once, its return too; then all states are told again and the output goes on', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = following(engine);
  engine.write('web', 'one');
  await told.until((values) => linesOf(values).includes('one'));
  engine.cut();
  await told.until((values) => problemsIn(values).length > 0);
  await engine.asked(/\/events/, 5);
  engine.write('web', 'two');
  engine.end('web');
  engine.restore();
  await told.until((values) => linesOf(values).includes('two'));
  expect(problemsIn(told.values).map(({ code, severity, message }) => [code, severity, message])).toEqual([
    ['engine-gone', 'warning', 'the connection to the Docker Engine was lost'],
    ['engine-back', 'warning', 'the Docker Engine is back'],
  ]);
  expect(linesOf(told.values)).toEqual(['one', 'two']);
  expect(statesOf(told.values)).toEqual(['running', 'exited']);
  told.cut();
});

test('a blink of the connection is not worth a word, but the states are told again', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = following(engine);
  await told.until((values) => statesOf(values).includes('running'));
  engine.cut();
  engine.restore();
  await told.until((values) => statesOf(values).length === 2);
  expect(statesOf(told.values)).toEqual(['running', 'running']);
  expect(problemsIn(told.values)).toEqual([]);
  told.cut();
});

test.each([
  { first: 'removing', vanished: true },
  { first: 'exited', vanished: undefined },
])('killed, then $first, then dead, then gone: vanished $vanished', async ({ first, vanished }) => {
  const engine = createFakeEngine();
  const web = engine.add('web');
  engine.start('web');
  const told = following(engine);
  await told.until((values) => statesOf(values).includes('running'));
  const seen = async (state: string, action: string): Promise<void> => {
    web.state = { ...web.state, Status: state, Running: false };
    engine.tell('web', action, { signal: '9' });
    await told.until((values) => statesOf(values).includes(state));
  };
  await seen(first, 'kill');
  // As the engine calls whatever it removes, in the last moment.
  await seen('dead', 'die');
  engine.remove('web');
  await told.until((values) => statesOf(values).includes('gone'));
  const changes = told.values.filter((event) => event.type === 'container-changed');
  expect(changes.at(-1)).toMatchObject({ id: 'web', state: 'gone' });
  expect(changes.at(-1)?.vanished).toBe(vanished);
  told.cut();
});

test('a run that ends as the one before, before anyone looked, is told all the same', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  engine.end('web');
  const told = following(engine);
  await told.until((values) => statesOf(values).includes('exited'));
  engine.start('web');
  engine.end('web');
  await told.until((values) => statesOf(values).filter((state) => state === 'exited').length === 2);
  told.cut();
});

const health = (
  status: string,
  ...probes: readonly (readonly [start: string, code: number, said: string])[]
) => ({
  Status: status,
  FailingStreak: 0,
  Log: probes.map(([Start, ExitCode, Output]) => ({ Start, End: Start, ExitCode, Output })),
});
const moment = (second: number): string => `2026-01-01T00:01:${String(second).padStart(2, '0')}.5+00:00`;
const probesOf = (values: readonly EventBody[]) =>
  values.flatMap((event) =>
    event.type === 'health-probed' ? [[event.probe, event.passed, event.said]] : [],
  );
const inspections = (engine: FakeEngine): number =>
  engine.requests.filter((request) => request.includes('/web/json')).length;

test('tells how healthchecks went, each run once, and asks the engine only when that may be news', async () => {
  const engine = createFakeEngine();
  const web = engine.add('web');
  web.healthcheck = { Test: ['CMD', 'true'] };
  engine.start('web');
  const before = [moment(0), 1, 'of the run before'] as const;
  web.state = { ...web.state, StartedAt: moment(1), Health: health('starting', before) };
  const told = following(engine);
  await told.until((values) => statesOf(values).includes('running'));
  const first = [moment(2), 1, 'no\n  refused\n\n'] as const;
  web.state = { ...web.state, Health: health('starting', before, first) };
  engine.tell('web', 'exec_die', { exitCode: '1' });
  await told.until((values) => probesOf(values).length === 1);
  const more = [first, [moment(3), 1, ''], [moment(4), -1, 'slow']] as const;
  web.state = { ...web.state, Health: health('starting', ...more) };
  engine.tell('web', 'exec_start: true');
  await told.until((values) => probesOf(values).length === 3);
  web.state = { ...web.state, Health: health('healthy', ...more, [moment(5), 0, '']) };
  engine.tell('web', 'health_status: healthy');
  await told.until((values) => probesOf(values).length === 4);
  expect(probesOf(told.values)).toEqual([
    [1, false, 'refused'],
    [2, false, 'exit code 1'],
    [3, false, 'slow'],
    [4, true, ''],
  ]);
  // What passes while it is healthy is no news; the start after it is heard of later.
  const asked = inspections(engine);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  for (const action of ['exec_create: true', 'exec_start: true', 'exec_die'])
    engine.tell('web', action, { exitCode: '0' });
  engine.add('db');
  engine.start('db');
  await told.until((values) => statesOf(values).filter((state) => state === 'running').length > 2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(inspections(engine)).toBe(asked);
  told.cut();
});
