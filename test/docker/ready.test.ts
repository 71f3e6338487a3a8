import { afterEach, expect, test, vi } from 'vitest';
import { createEventHub, type EventHub, type EventListener } from '../../src/docker/events.ts';
import type { EngineHttp } from '../../src/docker/http.ts';
import { awaitCondition } from '../../src/docker/ready.ts';
import type { Condition } from '../../src/model/plan.ts';
import type { ReadyCheck } from '../../src/model/x-stack.ts';
import { createFakeEngine, type FakeEngine } from '../helpers/fake-engine.ts';

const { signal } = new AbortController();

function waitFor(
  engine: Pick<FakeEngine, 'http'>,
  condition: Condition,
  hub: EventHub = createEventHub(engine.http, 'p'),
  ready?: ReadyCheck,
) {
  const action = {
    kind: 'await-condition',
    service: 'web',
    condition,
    containers: [{ service: 'web', number: 1, name: 'p-web-1' }],
    optional: false,
    ...(ready && { ready }),
  } as const;
  return awaitCondition(engine.http, hub, action, { signal });
}

function crashing(engine: FakeEngine): ReturnType<FakeEngine['add']> {
  const web = engine.add('web');
  engine.start('web');
  web.state = { ...web.state, Status: 'restarting', Restarting: true, ExitCode: 1 };
  return web;
}

test('a job that its restart policy tries again has not failed: it is waited for until it succeeds', async () => {
  const engine = createFakeEngine();
  const web = crashing(engine);
  const done = waitFor(engine, 'completed');
  await engine.asked(/p-web-1\/json/);
  engine.start('web');
  web.state = { ...web.state, ExitCode: 0 };
  engine.end('web');
  await done;
});

test('a job that its restart policy gives up has failed', async () => {
  const engine = createFakeEngine();
  crashing(engine);
  const done = waitFor(engine, 'completed');
  await engine.asked(/p-web-1\/json/);
  engine.end('web', { exitCode: 7 });
  await expect(done).rejects.toMatchObject({
    problems: [{ code: 'service-exited', message: 'web ended with exit code 7' }],
  });
});

test('a service that its restart policy starts again can still become healthy', async () => {
  const engine = createFakeEngine();
  const web = crashing(engine);
  web.healthcheck = { Test: ['CMD', 'true'] };
  const done = waitFor(engine, 'healthy');
  await engine.asked(/p-web-1\/json/);
  web.state = { ...web.state, Restarting: false, Status: 'running', Health: { Status: 'healthy' } };
  engine.tell('web', 'health_status: healthy');
  await done;
});

test('what is to run for good has failed when it crashes and is started again and again', async () => {
  const engine = createFakeEngine();
  crashing(engine);
  await expect(waitFor(engine, 'settled')).rejects.toMatchObject({
    problems: [{ code: 'service-exited', message: expect.stringContaining('restart policy') }],
  });
});

test('waiting survives an engine that is back soon', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  const done = waitFor(engine, 'completed');
  // At once, and when the connection for events stands.
  await engine.asked(/p-web-1\/json/, 2);
  engine.cut();
  engine.end('web');
  engine.restore();
  await done;
});

afterEach(() => {
  vi.useRealTimers();
});

test('waiting is given up when the engine has gone and stays away', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let listener: EventListener | undefined;
  const hub: EventHub = {
    ...createEventHub(engine.http, 'p'),
    subscribe: (given) => {
      listener = given;
      return () => {};
    },
  };
  let over = false;
  const done = waitFor(engine, 'completed', hub).finally(() => {
    over = true;
  });
  const rejected = expect(done).rejects.toMatchObject({ code: 'ECONNRESET' });
  listener?.connected();
  listener?.lost(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  listener?.lost(Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' }));
  await vi.advanceTimersByTimeAsync(4000);
  listener?.connected();
  await vi.advanceTimersByTimeAsync(4000);
  expect(over).toBe(false);
  listener?.lost(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  await vi.advanceTimersByTimeAsync(6000);
  await rejected;
});

/** An engine that answers some questions only when they are given up: as if someone else had made it slow. */
function slowFor(engine: FakeEngine, isSlow: (path: string, times: number) => boolean): { http: EngineHttp } {
  let times = 0;
  const request: EngineHttp['request'] = async (asked) => {
    if (asked.path.endsWith('/json')) times += 1;
    if (!isSlow(asked.path, times)) return engine.http.request(asked);
    return new Promise((_, reject) => {
      const cut = (): void => reject(new DOMException('The operation was aborted', 'AbortError'));
      asked.signal.addEventListener('abort', cut, { once: true });
    });
  };
  return { http: { ...engine.http, request } };
}

test('why it is not ready is told, also where the engine is being asked for something else at that moment', async () => {
  const engine = createFakeEngine();
  const web = engine.add('web');
  engine.start('web');
  web.unreadable = { status: 501, message: 'configured logging driver does not support reading' };
  // Its state is asked for once, then by who looks into its log; when that has begun, again, by who heard of a change.
  const slow = slowFor(engine, (path, times) => path.endsWith('/json') && times === 3);
  const request: EngineHttp['request'] = async (asked) => {
    if (asked.path.endsWith('/logs')) {
      await engine.asked(/events/);
      engine.tell('web', 'update');
      await new Promise(setImmediate);
    }
    return slow.http.request(asked);
  };
  const done = waitFor({ http: { request } }, 'healthy', undefined, { by: 'log', text: 'x', timeout: '1m' });
  await expect(done).rejects.toMatchObject({
    problems: [{ code: 'service-unhealthy', message: expect.stringContaining('does not support reading') }],
  });
});

test('a look that its time limit cuts short means: not ready within that time', async () => {
  const engine = createFakeEngine();
  engine.add('web');
  engine.start('web');
  // Whether it still runs: asked for when no way led to its port.
  const slow = slowFor(engine, (_, times) => times > 3);
  const done = waitFor(slow, 'healthy', undefined, { by: 'tcp', port: 80, timeout: '200ms' });
  await expect(done).rejects.toMatchObject({
    problems: [{ code: 'service-unhealthy', message: 'web was not ready within 200ms' }],
  });
});

/** A container whose start someone has heard of. */
async function heardToStart() {
  const engine = createFakeEngine();
  engine.add('web');
  const hub = createEventHub(engine.http, 'p');
  const unlisten = hub.subscribe({ connected() {}, notice() {}, lost() {} });
  await engine.asked(/events/);
  engine.start('web');
  return { engine, hub, unlisten };
}

test('what was heard to start and stays up has settled, and nothing is asked for that', async () => {
  const { engine, hub, unlisten } = await heardToStart();
  await expect.poll(() => hub.runOf('p-web-1')).toBeDefined();
  await waitFor(engine, 'settled', hub);
  expect(engine.requests).toHaveLength(1);
  unlisten();
});

test('what is heard to end meanwhile has not, and how it ended is told', async () => {
  const { engine, hub, unlisten } = await heardToStart();
  await expect.poll(() => hub.runOf('p-web-1')).toBeDefined();
  const done = waitFor(engine, 'settled', hub);
  engine.end('web', { exitCode: 3 });
  await expect(done).rejects.toMatchObject({ problems: [{ message: 'web ended with exit code 3' }] });
  unlisten();
});

test('a run is known by the name that its container has, and no more once that has ended', async () => {
  const { engine, hub, unlisten } = await heardToStart();
  engine.tell('web', 'rename', { name: 'aside_p-web-1' });
  await expect.poll(() => hub.runOf('aside_p-web-1')).toBeDefined();
  expect(hub.runOf('p-web-1')).toBeUndefined();
  // Its end is told of under another name than its beginning.
  engine.tell('web', 'rename', { name: 'p-web-2' });
  await expect.poll(() => hub.runOf('p-web-2')).toBeDefined();
  engine.end('web');
  await expect.poll(() => hub.runOf('p-web-2')).toBeUndefined();
  unlisten();
});
