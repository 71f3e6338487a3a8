import { afterEach, expect, test, vi } from 'vitest';
import { createSupervisor } from '../../src/commands/supervisor.ts';
import type { ContainerChanged } from '../../src/model/event.ts';

afterEach(() => {
  vi.useRealTimers();
});

const sick: ContainerChanged = {
  type: 'container-changed',
  service: 'web',
  number: 1,
  id: 'web-id',
  name: 'shop-web-1',
  state: 'running',
  health: 'unhealthy',
  ports: [],
};

test('once it is over nothing is waited for any more', async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  const supervisor = createSupervisor('shop', async () => undefined, vi.fn(), { emit: () => {}, signal });
  supervisor.begin();
  supervisor.note(sick);
  expect(vi.getTimerCount()).toBe(1);
  await supervisor.end();
  expect(vi.getTimerCount()).toBe(0);
  supervisor.note({ ...sick, id: 'other-id' });
  supervisor.note({ ...sick, state: 'gone', vanished: true });
  expect(vi.getTimerCount()).toBe(0);
});

test('what vanishes before it begins is seen to then, what was meant to go is not', async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  const order = vi.fn();
  const supervisor = createSupervisor('shop', async () => undefined, order, { emit: () => {}, signal });
  const running: ContainerChanged = { ...sick, health: 'healthy' };
  supervisor.note(running);
  supervisor.note({ ...running, state: 'gone' });
  supervisor.begin();
  expect(vi.getTimerCount()).toBe(0);
  await supervisor.end();

  const next = createSupervisor('shop', async () => undefined, order, { emit: () => {}, signal });
  next.note(running);
  next.note({ ...running, state: 'gone', vanished: true });
  await vi.advanceTimersByTimeAsync(5000);
  expect(order).not.toHaveBeenCalled();
  next.begin();
  await vi.advanceTimersByTimeAsync(5000);
  expect(order).toHaveBeenCalledTimes(1);
  await next.end();
});
