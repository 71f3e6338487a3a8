import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Batching, createBatching, systemClock } from '../../src/files/batching.ts';

let began: number;
let batches: { at: number; paths: readonly string[] }[];
let batching: Batching;

beforeEach(() => {
  vi.useFakeTimers();
  began = performance.now();
  batches = [];
  batching = createBatching((paths) => batches.push({ at: performance.now() - began, paths }), systemClock);
});

afterEach(() => {
  vi.useRealTimers();
});

describe('createBatching', () => {
  it('delivers a single path after a quiet moment', () => {
    batching.add('a');
    vi.advanceTimersByTime(19);
    expect(batches).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(batches).toEqual([{ at: 20, paths: ['a'] }]);
  });

  it('gathers what comes close together, each path once', () => {
    for (const path of ['a', 'b', 'a', 'c']) {
      batching.add(path);
      vi.advanceTimersByTime(15);
    }
    vi.advanceTimersByTime(1000);
    expect(batches).toEqual([{ at: 65, paths: ['a', 'b', 'c'] }]);
  });

  it('does not hold back what is written all the time', () => {
    for (let time = 0; time < 1000; time += 10) {
      batching.add('log');
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(1000);
    expect(batches.map(({ at }) => at)).toEqual([150, 300, 450, 600, 750, 900, 1010]);
  });

  it('waits longer when there are many paths, as after a change of branch', () => {
    for (let n = 0; n < 2000; n += 1) {
      batching.add(`f${n}`);
      if (n % 100 === 99) vi.advanceTimersByTime(n < 500 ? 10 : 250);
    }
    vi.advanceTimersByTime(10_000);
    expect(batches).toHaveLength(2);
    // There is an end to this too.
    expect(batches[0]?.at).toBe(3000);
    expect(batches.flatMap(({ paths }) => paths)).toHaveLength(2000);
  });

  it('forgets what was gathered when it is closed', () => {
    batching.add('a');
    batching.close();
    vi.advanceTimersByTime(1000);
    expect(batches).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('costs no timer while nothing happens', () => {
    batching.add('a');
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
