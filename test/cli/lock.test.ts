import { expect, test } from 'vitest';
import { inTurn } from '../../src/cli/lock.ts';
import { withResolvers } from '../../src/model/resolvers.ts';
import type { Exclusively } from '../../src/model/runtime.ts';

const free: Exclusively = (_project, _signal, work) => work(false);
const never = new AbortController().signal;

test('within a process one comes after the other, by project', async () => {
  const exclusively = inTurn(free);
  const order: string[] = [];
  const first = withResolvers<void>();
  const one = exclusively('a', never, async () => {
    await first.promise;
    order.push('one');
  });
  const two = exclusively('a', never, async () => {
    order.push('two');
    throw new Error('no');
  });
  const three = exclusively('a', never, async () => void order.push('three'));
  await exclusively('b', never, async () => void order.push('another project'));
  expect(order).toEqual(['another project']);
  first.resolve();
  await expect(two).rejects.toThrow('no');
  await Promise.all([one, three]);
  expect(order).toEqual(['another project', 'one', 'two', 'three']);
});

test('who gives up waiting lets nobody past who still works', async () => {
  const exclusively = inTurn(free);
  const order: string[] = [];
  const first = withResolvers<void>();
  const one = exclusively('a', never, async () => {
    await first.promise;
    order.push('one');
  });
  const giving = new AbortController();
  const two = exclusively('a', giving.signal, async () => void order.push('two'));
  const three = exclusively('a', never, async () => void order.push('three'));
  giving.abort(new Error('given up'));
  await expect(two).rejects.toThrow('given up');
  expect(order).toEqual([]);
  first.resolve();
  await Promise.all([one, three]);
  expect(order).toEqual(['one', 'three']);
});
