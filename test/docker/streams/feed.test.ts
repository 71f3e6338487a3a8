import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { drained, feed } from '../../../src/docker/streams/feed.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('however many wait for a sink to drain, it has one listener for them; the next time there is one again', async () => {
  const sink = new EventEmitter();
  for (const event of ['drain', 'close']) {
    const waiting = Promise.all(Array.from({ length: 50 }, () => drained(sink)));
    expect([sink.listenerCount('drain'), sink.listenerCount('close')]).toEqual([1, 1]);
    sink.emit(event);
    await waiting;
    expect([sink.listenerCount('drain'), sink.listenerCount('close')]).toEqual([0, 0]);
  }
});

test('what is fed goes on only once it is taken, and ends when nobody takes any more', async () => {
  const sink = Object.assign(new EventEmitter(), {
    written: [] as string[],
    destroying: false,
    write(piece: Uint8Array) {
      sink.written.push(Buffer.from(piece).toString());
      return false;
    },
  });
  async function* pieces() {
    yield* ['one', 'two', 'three'].map((text) => Buffer.from(text));
  }
  const fed = feed(sink, pieces());
  await tick();
  expect(sink.written).toEqual(['one']);
  sink.emit('drain');
  await tick();
  expect(sink.written).toEqual(['one', 'two']);
  sink.destroying = true;
  sink.emit('close');
  await fed;
  expect(sink.written).toEqual(['one', 'two']);
});
