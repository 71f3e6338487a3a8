import { expect, test } from 'vitest';
import { createChannel } from '../../src/docker/channel.ts';

test('values come out in the order in which they were sent, also those sent before anyone read', async () => {
  const { send, end, values } = createChannel<number>();
  void send(1);
  void send(2);
  const first = await values.next();
  void send(3);
  end();
  const rest: number[] = [];
  for await (const value of values) rest.push(value);
  expect([first.value, ...rest]).toEqual([1, 2, 3]);
});

test('a reader that came first is woken', async () => {
  const { send, values } = createChannel<string>();
  const next = values.next();
  void send('late');
  expect(await next).toEqual({ done: false, value: 'late' });
});

test('a sender cannot run ahead: it goes on when the reader asks for the value after its own', async () => {
  const { send, end, values } = createChannel<number>();
  const happened: string[] = [];
  const sending = (async () => {
    for (const value of [1, 2]) {
      await send(value);
      happened.push(`sent ${value}`);
    }
    end();
  })();
  for await (const value of values) happened.push(`read ${value}`);
  await sending;
  expect(happened).toEqual(['read 1', 'sent 1', 'read 2', 'sent 2']);
});

test('after the end nothing is taken any more, and no sender waits', async () => {
  const { send, end, values } = createChannel<number>();
  void send(1);
  end();
  await send(2);
  expect(await values.next()).toEqual({ done: false, value: 1 });
  expect(await values.next()).toEqual({ done: true, value: undefined });
});

test('the reader gets what was sent before a failure, then the failure; only the first end counts', async () => {
  const { send, end, fail, values } = createChannel<number>();
  void send(1);
  fail(new Error('gone'));
  fail(new Error('again'));
  end();
  expect(await values.next()).toEqual({ done: false, value: 1 });
  await expect(values.next()).rejects.toThrow('gone');
});

test('a failure may be anything, also undefined', async () => {
  const { fail, values } = createChannel<number>();
  fail(undefined);
  await expect(values.next()).rejects.toBeUndefined();
});

test('a reader that leaves releases all who wait to send', async () => {
  const { send, values } = createChannel<number>();
  const sent = [send(1), send(2), send(3)];
  for await (const value of values) {
    expect(value).toBe(1);
    break;
  }
  await Promise.all([...sent, send(4)]);
});
