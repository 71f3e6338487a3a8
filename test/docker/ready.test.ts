import { afterEach, expect, test, vi } from 'vitest';
import { createEventHub, type EventHub, type EventListener } from '../../src/docker/events.ts';
import { awaitCondition } from '../../src/docker/ready.ts';
import type { Condition } from '../../src/model/plan.ts';
import { createFakeEngine, type FakeEngine } from '../helpers/fake-engine.ts';

const { signal } = new AbortController();

function waitFor(engine: FakeEngine, condition: Condition, hub: EventHub = createEventHub(engine.http, 'p')) {
  const containers = [{ service: 'web', number: 1, name: 'p-web-1' }];
  const action = { kind: 'await-condition', service: 'web', condition, containers, optional: false } as const;
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
