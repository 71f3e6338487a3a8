import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTurns, type TakeTurn, turnsOfKills } from '../../src/docker/turns.ts';
import type { Action } from '../../src/model/plan.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function visitors(takeTurn: TakeTurn) {
  const inside: number[] = [];
  const leaving = new Map<number, () => void>();
  return {
    inside,
    async come(...numbers: readonly number[]) {
      for (const number of numbers)
        void takeTurn().then((leave) => {
          inside.push(number);
          leaving.set(number, leave);
        });
      await vi.advanceTimersByTimeAsync(0);
    },
    async go(...numbers: readonly number[]) {
      for (const number of numbers) leaving.get(number)?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('so many go in, in the order in which they came, and the next ones as these leave', async () => {
  const { inside, come, go } = visitors(createTurns(2));
  await come(1, 2, 3, 4, 5);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(inside).toEqual([1, 2]);
  await go(2);
  expect(inside).toEqual([1, 2, 3]);
  await go(1, 3);
  expect(inside).toEqual([1, 2, 3, 4, 5]);
  await go(4, 5);
  await come(6, 7, 8);
  expect(inside).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('who stays for too long keeps nobody waiting, and gives back no second place when he leaves', async () => {
  const { inside, come, go } = visitors(createTurns(2, 500));
  await come(1, 2, 3, 4, 5, 6);
  await vi.advanceTimersByTimeAsync(400);
  await go(1);
  expect(inside).toEqual([1, 2, 3]);
  await vi.advanceTimersByTimeAsync(100);
  expect(inside).toEqual([1, 2, 3, 4]);
  await go(2);
  expect(inside).toEqual([1, 2, 3, 4]);
  await go(3);
  expect(inside).toEqual([1, 2, 3, 4, 5]);
  await go(4, 5);
  await go(6);
  expect(vi.getTimerCount()).toBe(0);
});

test('only what the engine does by itself waits for its turn: killing and removing', () => {
  const turnOf = turnsOfKills();
  const container = { name: 'app-web-1', service: 'web', number: 1 };
  const target = { id: 'a', container };
  const killing: readonly Action[] = [
    { kind: 'stop-container', ...target, removed: { volumes: false } },
    { kind: 'stop-container', ...target, timeout: 0 },
    { kind: 'kill-container', ...target },
    { kind: 'remove-container', ...target, volumes: false },
  ];
  const others: readonly Action[] = [
    { kind: 'stop-container', ...target },
    { kind: 'stop-container', ...target, timeout: 5 },
    { kind: 'kill-container', ...target, signal: 'SIGHUP' },
    { kind: 'restart-container', ...target },
    { kind: 'remove-volume', name: 'data' },
  ];
  expect(new Set(killing.map(turnOf)).size).toBe(1);
  expect(killing.map(turnOf)).not.toContain(undefined);
  expect(others.map(turnOf)).toEqual(others.map(() => undefined));
});
