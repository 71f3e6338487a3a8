import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFrames } from '../../src/terminal/frames.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('never draws more than thirty times a second', () => {
  let drawn = 0;
  const frames = createFrames(() => {
    drawn += 1;
  });
  for (let passed = 0; passed < 1000; passed += 1) {
    frames.request('key');
    vi.advanceTimersByTime(1);
  }
  frames.stop();
  expect(drawn).toBeGreaterThan(25);
  expect(drawn).toBeLessThanOrEqual(30);
});

test('draws nothing unless asked', () => {
  let drawn = 0;
  const frames = createFrames(() => {
    drawn += 1;
  });
  frames.request();
  vi.advanceTimersByTime(60_000);
  expect(drawn).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('shows what was measured within a second, and what a key did at once', () => {
  let drawn = 0;
  const frames = createFrames(() => {
    drawn += 1;
  });
  frames.request('key');
  vi.advanceTimersByTime(0);
  frames.request('measurement');
  vi.advanceTimersByTime(900);
  expect(drawn).toBe(1);
  frames.request('key');
  vi.advanceTimersByTime(0);
  expect(drawn).toBe(2);
  vi.advanceTimersByTime(2000);
  expect(drawn).toBe(2);
});

test('ticks only while asked to', () => {
  let drawn = 0;
  const frames = createFrames(() => {
    drawn += 1;
  });
  frames.tick(1000);
  vi.advanceTimersByTime(3500);
  expect(drawn).toBe(3);
  frames.tick(0);
  vi.advanceTimersByTime(3500);
  expect(drawn).toBe(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('the longer frames take, the fewer there are while much happens', () => {
  const drawnIn = (cost: number): number => {
    let drawn = 0;
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const frames = createFrames(() => {
      drawn += 1;
      clock += cost;
    });
    for (let passed = 0; passed < 10_000; passed += 1) {
      frames.request('event');
      clock += 1;
      vi.advanceTimersByTime(1);
    }
    frames.stop();
    now.mockRestore();
    return drawn;
  };
  expect(drawnIn(0)).toBeGreaterThan(100);
  expect(drawnIn(0)).toBeLessThanOrEqual(112);
  expect(drawnIn(4) * 4).toBeLessThan(10_000 * 0.05);
  expect(drawnIn(4)).toBeGreaterThan(20);
  // On a machine that does nothing else any more there is a frame a second still.
  expect(drawnIn(500)).toBeGreaterThan(5);
});
