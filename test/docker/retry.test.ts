import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineRefusal } from '../../src/docker/api.ts';
import { persistently, withRepeatedReads } from '../../src/docker/retry.ts';
import type { Progress } from '../../src/model/event.ts';
import type { Action } from '../../src/model/plan.ts';
import { withResolvers } from '../../src/model/resolvers.ts';

const pull: Action = { kind: 'pull-image', service: 'web', image: 'redis:7' };
const container = { service: 'web', number: 1, name: 'shop-web-1' };
const start: Action = { kind: 'start-container', container };
const sync: Action = { kind: 'sync-files', container, files: [] };
const restart: Action = { kind: 'restart-container', container, id: '1' };

const broken = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const refused = (said: string) => new EngineRefusal(500, said);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What an action that fails with these errors, one after the other, comes to; `paused` is in milliseconds. */
async function outcome(action: Action, errors: readonly Error[]) {
  const left = [...errors];
  const told: Progress[] = [];
  const { signal } = new AbortController();
  const began = Date.now();
  const attempt = vi.fn(async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
  });
  const done = persistently(action, { signal, progress: (one) => void told.push(one) }, attempt).then(
    () => 'done',
    (error: Error) => error.message,
  );
  await vi.runAllTimersAsync();
  const result = await done;
  return {
    result,
    told: told.map(({ text }) => text),
    tries: attempt.mock.calls.length,
    paused: Date.now() - began,
  };
}

test('what may pass is tried three times, with a longer pause each time, and that is told', async () => {
  expect(
    await outcome(pull, [refused('read tcp: connection reset by peer'), refused('unexpected EOF')]),
  ).toEqual({
    result: 'done',
    told: [
      'failed (connection reset), trying again, 2 of 3',
      'failed (connection closed), trying again, 3 of 3',
    ],
    tries: 3,
    paused: 2500,
  });
  const three = [1, 2, 3].map((number) => refused(`net/http: TLS handshake timeout ${number}`));
  expect(await outcome(pull, three)).toMatchObject({ result: 'net/http: TLS handshake timeout 3', tries: 3 });
});

test.each([
  ['received unexpected HTTP status: 503 Service Unavailable', 'registry error'],
  ['toomanyrequests: slow down', 'too many requests'],
  ['dial tcp: lookup r.example: Temporary failure in name resolution', 'name resolution failed'],
  ['Get "https://r.example/v2/": EOF', 'connection closed'],
])('%s is tried again', async (said, reason) => {
  expect((await outcome(pull, [refused(said)])).told).toEqual([`failed (${reason}), trying again, 2 of 3`]);
});

test.each([start, sync, { kind: 'take-over' } as Action])(
  'an engine that hangs in the middle of something quick is waited for, and that is told: $kind',
  async (action) => {
    const told: Progress[] = [];
    const { signal } = new AbortController();
    const work = withResolvers<void>();
    const options = { signal, progress: (one: Progress) => void told.push(one), patience: 15_000 };
    const done = persistently(action, options, () => work.promise);
    vi.advanceTimersByTime(60_000);
    work.resolve();
    await done;
    expect(told).toEqual([{ text: 'no answer of the engine for 15 s, still waiting', waiting: true }]);
  },
);

test('an engine that has answered and is away is waited for by those who only ask', async () => {
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  let isAway = true;
  const request = vi.fn(async () => {
    if (isAway) throw away;
    return { status: 200, headers: {}, body: process.stdin };
  });
  const engine = withRepeatedReads({ request, upgrade: () => Promise.reject(away) });
  const { signal } = new AbortController();
  const read = { method: 'GET', path: '/info', signal };
  await expect(engine.request(read)).rejects.toBe(away);
  expect(request).toHaveBeenCalledTimes(1);
  isAway = false;
  await engine.request(read);
  isAway = true;
  setTimeout(() => {
    isAway = false;
  }, 2000);
  const answer = engine.request(read);
  await vi.runAllTimersAsync();
  expect((await answer).status).toBe(200);
});

test('a file that is missing is no engine that is away', async () => {
  const missing = (syscall: string) =>
    Object.assign(new Error(`${syscall} ENOENT`), { code: 'ENOENT', syscall });
  expect(await outcome(start, [missing('connect')])).toMatchObject({ result: 'done', tries: 2 });
  expect(await outcome(start, [missing('open')])).toMatchObject({ result: 'open ENOENT', tries: 1 });
});

test('a registry that says when is asked again then, unless that is too far away', async () => {
  const soon = 'toomanyrequests: retry-after: 1.2s, allowed: 44000/minute';
  expect(await outcome(pull, [refused(soon)])).toMatchObject({ result: 'done', paused: 1200 });
  expect((await outcome(pull, [refused('toomanyrequests: retry-after: 60m')])).tries).toBe(1);
});

test.each([
  'manifest for redis:7 not found: manifest unknown',
  'pull access denied for redis, repository does not exist or may require docker login: EOF',
  'unauthorized: authentication required',
  'dial tcp 127.0.0.1:5000: connect: connection refused',
])('%s is final', async (said) => {
  expect(await outcome(pull, [refused(said)])).toMatchObject({ result: said, tries: 1 });
});

test('a connection that breaks: only what leads to the same when it is done twice is done again', async () => {
  expect(await outcome(start, [broken])).toMatchObject({ result: 'done', tries: 2 });
  expect(await outcome(restart, [broken])).toMatchObject({ result: 'read ECONNRESET', tries: 1 });
  // The words of a program are none of the registry's.
  expect((await outcome(start, [refused('exec: connection reset')])).tries).toBe(1);
});
