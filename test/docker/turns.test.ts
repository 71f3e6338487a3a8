import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTurns, turnsOfEnds } from '../../src/docker/turns.ts';
import type { Action } from '../../src/model/plan.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;

function visitors(takeTurn: ReturnType<typeof createTurns>) {
  const inside: number[] = [];
  const leaving = new Map<number, () => void>();
  const come = async (number: number, signal = never): Promise<void> => {
    const leave = await takeTurn(signal);
    inside.push(number);
    leaving.set(number, leave);
  };
  const go = async (number: number): Promise<void> => {
    leaving.get(number)?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { inside, come, go };
}

test('so many go in, in the order in which they came, and the next ones as these leave', async () => {
  const { inside, come, go } = visitors(createTurns(2));
  for (const number of [1, 2, 3, 4, 5]) void come(number);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(inside).toEqual([1, 2]);
  await go(2);
  expect(inside).toEqual([1, 2, 3]);
  await go(1);
  await go(3);
  expect(inside).toEqual([1, 2, 3, 4, 5]);
});

test('where nobody leaves for a while as many more go in, until all are through', async () => {
  const { inside, come, go } = visitors(createTurns(2, 500));
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8, 9]) void come(number);
  await vi.advanceTimersByTimeAsync(400);
  await go(1);
  expect(inside).toEqual([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(499);
  expect(inside).toEqual([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(1);
  expect(inside).toEqual([1, 2, 3, 4, 5]);
  await vi.advanceTimersByTimeAsync(500);
  expect(inside).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const number of inside.slice(1)) await go(number);
  for (const number of [10, 11, 12]) void come(number);
  await vi.advanceTimersByTimeAsync(499);
  expect(inside.slice(9)).toEqual([10, 11]);
});

test('who waits when it is given up is refused, and takes nobody his turn', async () => {
  const ending = new AbortController();
  const { inside, come, go } = visitors(createTurns(1));
  void come(1);
  const second = come(2, ending.signal);
  void come(3);
  ending.abort(new Error('interrupted'));
  await expect(second).rejects.toThrow('interrupted');
  await expect(come(4, ending.signal)).rejects.toThrow('interrupted');
  await go(1);
  expect(inside).toEqual([1, 3]);
});

test('containers that are killed wait for one another, those that are asked to end too, and neither for the others', async () => {
  const turnOf = turnsOfEnds();
  const container = { name: 'app-web-1', service: 'web', number: 1 };
  const stop: Action = { kind: 'stop-container', id: 'a', container };
  const kill: Action = { ...stop, timeout: 0, removed: { volumes: false } };
  const remove: Action = { kind: 'remove-container', id: 'a', container, volumes: false };
  const restart: Action = { kind: 'restart-container', id: 'a', container };
  expect(turnOf(kill)).toBe(turnOf(remove));
  expect(turnOf(stop)).toBe(turnOf(restart));
  expect(turnOf(stop)).not.toBe(turnOf(kill));
  expect(turnOf(stop)).toBeDefined();
  expect(turnOf(kill)).toBeDefined();
  expect(turnOf({ kind: 'remove-volume', name: 'data' })).toBeUndefined();
});
