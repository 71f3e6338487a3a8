import { expect, test } from 'vitest';
import { createEventHub } from '../../src/docker/events.ts';
import { readProjectLogs } from '../../src/docker/project-logs.ts';
import type { EventBody } from '../../src/model/event.ts';
import type { ReadLogsRequest } from '../../src/model/runtime.ts';
import { collect } from '../helpers/collect.ts';
import { createFakeEngine, type FakeEngine } from '../helpers/fake-engine.ts';

function reading(engine: FakeEngine, options: Partial<ReadLogsRequest> = {}) {
  const request = {
    project: 'p',
    services: ['web', 'db'],
    follow: true,
    tail: 'all',
    timestamps: false,
  } as const;
  const cut = new AbortController();
  const hub = createEventHub(engine.http, 'p');
  const told = collect<EventBody>(readProjectLogs(engine.http, hub, { ...request, ...options }, cut.signal));
  return { ...told, cut: () => cut.abort() };
}

const linesOf = (values: readonly EventBody[]): string[] =>
  values.flatMap((event) => (event.type === 'logs-written' ? event.lines : []));

const logReads = (engine: FakeEngine): string[] =>
  engine.requests.filter((request) => request.includes('/logs'));

test('history and what follows come from one read, with the options, until all containers have ended', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  engine.write('web', 'one', 'two', 'three');
  const told = reading(engine, {
    tail: 2,
    since: '1767225600.000000001',
    until: '99999999999',
    timestamps: true,
  });
  await told.until((values) => linesOf(values).length === 2);
  engine.write('web', 'four');
  await told.until((values) => linesOf(values).length === 3);
  engine.end('web');
  await told.ended;
  const time = '2026-01-01T00:00:00.00000000';
  expect(linesOf(told.values)).toEqual([`${time}3Z two`, `${time}4Z three`, `${time}5Z four`]);
  expect(logReads(engine)).toHaveLength(1);
  const query = new URLSearchParams(logReads(engine)[0]?.split('?')[1]);
  expect(Object.fromEntries(query)).toMatchObject({
    follow: '1',
    tail: '2',
    since: '1767225600.000000001',
    until: '99999999999',
  });
});

test('each line is told once, over a lost connection and a restart, with its time', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  engine.write('web', 'one', 'two');
  const told = reading(engine, { tail: 1, timestamps: true });
  await told.until((values) => linesOf(values).length === 1);
  engine.cut();
  engine.write('web', 'three');
  engine.restore();
  await told.until((values) => linesOf(values).length === 2);
  // Ended and started again before the end of the output is noticed.
  engine.end('web', { keepLog: true });
  engine.start('web');
  engine.endLog('web');
  engine.write('web', 'four');
  await told.until((values) => linesOf(values).length === 3);
  engine.end('web');
  await told.ended;
  expect(linesOf(told.values).map((line) => line.replace(/^2026\S+Z /, ''))).toEqual([
    'two',
    'three',
    'four',
  ]);
  expect(linesOf(told.values).every((line) => line.startsWith('2026-01-01T00:00:00.'))).toBe(true);
});

test('without lines from the past nothing of a later run is left out', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  engine.write('web', 'past');
  engine.add('db');
  engine.start('db');
  const told = reading(engine, { tail: 0 });
  await engine.asked(/web\/logs/);
  engine.end('web');
  engine.start('web');
  engine.write('web', 'first');
  await told.until((values) => linesOf(values).length > 0);
  engine.end('db');
  engine.end('web');
  await told.ended;
  expect(linesOf(told.values)).toEqual(['first']);
});

test('a container that is started later is followed too, from its first line', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const told = reading(engine, { tail: 0 });
  await engine.asked(/web\/logs/);
  engine.add('db');
  engine.start('db');
  engine.write('db', 'a', 'b');
  await told.until((values) => linesOf(values).length === 2);
  engine.end('web');
  engine.end('db');
  await told.ended;
  expect(linesOf(told.values)).toEqual(['a', 'b']);
});

test('it ends at once when nothing runs, with what was written', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  engine.write('web', 'one');
  engine.end('web');
  const told = reading(engine);
  await told.ended;
  expect(linesOf(told.values)).toEqual(['one']);
});

test('an engine that goes away is no end: what it wrote meanwhile is told when it is back', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  engine.write('web', 'one');
  const told = reading(engine);
  await told.until((values) => linesOf(values).length === 1);
  engine.cut();
  await engine.asked(/\/events/, 2);
  engine.write('web', 'two');
  engine.end('web');
  engine.restore();
  await told.ended;
  expect(linesOf(told.values)).toEqual(['one', 'two']);
});

test('an engine that is not there to begin with is a failure', async () => {
  const engine = createFakeEngine();
  engine.cut();
  await expect(reading(engine).ended).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(reading(engine, { follow: false }).ended).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('an end in the past is not waited for', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  engine.write('web', 'one');
  const told = reading(engine, { until: '1767225601' });
  await told.ended;
  expect(logReads(engine)).toEqual([expect.stringContaining('follow=0')]);
});

test.each([true, false])(
  'a log that cannot be read is a warning and keeps nobody from reading the others (follow: %s)',
  async (follow) => {
    const engine = createFakeEngine();
    for (const id of ['web', 'db']) {
      engine.add(id);
      engine.start(id);
      engine.write(id, `hello from ${id}`);
      engine.end(id);
    }
    const db = engine.add('db');
    db.unreadable = { status: 501, message: 'does not support reading' };
    engine.start('db');
    engine.end('db');
    const told = reading(engine, { follow });
    await told.ended;
    expect(linesOf(told.values)).toEqual(['hello from web']);
    expect(told.values.filter(({ type }) => type === 'problem-found')).toEqual([
      {
        type: 'problem-found',
        problem: expect.objectContaining({
          severity: 'warning',
          service: 'db',
          cause: 'does not support reading',
        }),
      },
    ]);
  },
);
