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
    for (let n = 0; n < 1000; n += 1) {
      batching.add(`f${n}`);
      // Once it is clear that there are many, the next wave may take its time.
      if (n % 250 === 249) vi.advanceTimersByTime(250);
    }
    vi.advanceTimersByTime(10_000);
    expect(batches.map(({ at, paths }) => [at, paths.length])).toEqual([[1050, 1000]]);
  });

  it('takes what comes shortly after for the next wave of the same', () => {
    for (let n = 0; n < 300; n += 1) {
      batching.add(`f${n}`);
      if (n % 20 === 19) vi.advanceTimersByTime(30);
    }
    vi.advanceTimersByTime(10_000);
    expect(batches.map(({ paths }) => paths.length)).toEqual([20, 20, 20, 20, 20, 200]);
    batching.add('a');
    vi.advanceTimersByTime(25);
    expect(batches.at(-1)?.paths).toEqual(['a']);
  });

  it('does not wait for ever, even for many', () => {
    for (let n = 0; n < 5000; n += 1) {
      batching.add(`f${n}`);
      if (n % 250 === 249) vi.advanceTimersByTime(200);
    }
    expect(batches.map(({ at }) => at)).toEqual([3000]);
  });

  it('waits while it is known that more is on its way, but not for ever', () => {
    let isBusy = true;
    const patient = createBatching(
      (paths) => batches.push({ at: performance.now() - began, paths }),
      systemClock,
      () => isBusy,
    );
    patient.add('a');
    vi.advanceTimersByTime(400);
    patient.add('b');
    isBusy = false;
    vi.advanceTimersByTime(100);
    expect(batches.map(({ paths }) => paths)).toEqual([['a', 'b']]);
    isBusy = true;
    patient.add('c');
    vi.advanceTimersByTime(10_000);
    expect(batches.map(({ paths }) => paths)).toEqual([['a', 'b'], ['c']]);
    expect((batches[1]?.at ?? 0) - (batches[0]?.at ?? 0)).toBeLessThan(3200);
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
