import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { gather } from '../../../src/docker/streams/gather.ts';
import { collect } from '../../helpers/collect.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Time stands still until a test moves it. */
function gathering() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const source = new PassThrough();
  const hurrying = new AbortController();
  const told = collect<Buffer>(gather(source, 50, hurrying.signal));
  const texts = (): string[] => told.values.map(String);
  return { source, texts, told, hurry: () => hurrying.abort() };
}

test('what comes after a silence is given on at once, what follows soon after it together', async () => {
  const { source, texts, told } = gathering();
  source.write('first');
  await told.until((values) => values.length === 1);
  for (let number = 0; number < 20; number += 1) {
    source.write(`${number} `);
    await turn();
  }
  expect(texts()).toEqual(['first']);
  vi.advanceTimersByTime(100);
  await told.until((values) => values.length === 2);
  vi.advanceTimersByTime(100);
  await turn();
  source.write('after a silence');
  await told.until((values) => values.length === 3);
  expect(texts()).toEqual(['first', '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ', 'after a silence']);
});

test('meanwhile nothing is read from the connection, unless it already carries something else', async () => {
  const { source, told } = gathering();
  const asked: string[] = [];
  const socket = { pause: () => asked.push('pause'), resume: () => asked.push('resume') };
  const answer = Object.assign(source, { socket, complete: false });
  source.write('first');
  await told.until((values) => values.length === 1);
  await turn();
  expect(asked).toEqual(['pause']);
  vi.advanceTimersByTime(100);
  answer.complete = true;
  source.write('last');
  await told.until((values) => values.length === 2);
  await turn();
  expect(asked).toEqual(['pause', 'resume']);
});

test('who is in a hurry gets all as it comes', async () => {
  const { source, texts, told, hurry } = gathering();
  source.write('first');
  await told.until((values) => values.length === 1);
  source.write('last words');
  hurry();
  await told.until((values) => values.length === 2);
  source.write('the very last');
  source.end();
  await told.ended;
  expect(texts()).toEqual(['first', 'last words', 'the very last']);
});

test('of a source that has more at hand than is taken from it nothing waits', async () => {
  const { source, told } = gathering();
  const much = 'x'.repeat(64 * 1024);
  source.write(much);
  await told.until((values) => values.length === 1);
  source.write(much);
  source.end();
  await told.ended;
  expect(told.values.map(({ length }) => length)).toEqual([much.length, much.length]);
});

/** All that is under way in the streams is done. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
