import { expect, test } from 'vitest';
import { within } from '../../src/docker/within.ts';

const { signal } = new AbortController();

test('the time for which this process was stopped is no time without an answer', async () => {
  const answer = within(400, 'GET /', signal, async (until) => {
    const waited = new Promise<string>((resolve, reject) => {
      until.addEventListener('abort', () => reject(new Error('given up')));
      setTimeout(() => resolve('answer'), 450);
    });
    // Nothing of this process goes on meanwhile, and both are due by then.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    return waited;
  });
  expect(await answer).toBe('answer');
});

test('what never comes is given up', async () => {
  const never = within(
    20,
    'GET /',
    signal,
    (until) =>
      new Promise((_, reject) => until.addEventListener('abort', () => reject(new Error('given up')))),
  );
  await expect(never).rejects.toThrow('no answer within 0.02 s');
});
