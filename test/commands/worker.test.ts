import { expect, test } from 'vitest';
import { createWorker } from '../../src/commands/worker.ts';
import type { Changes } from '../../src/plan/watch.ts';

const change = (path: string, rebuild = false): Changes => ({
  paths: [path],
  rebuild,
  files: [],
  restart: false,
  commands: [],
});

interface Call {
  readonly changes: Changes;
  readonly superseded: AbortSignal;
  readonly end: (left?: Changes) => void;
}

/** An action that ends when the test says so. */
function held() {
  const calls: Call[] = [];
  let heard = (): void => {};
  return {
    act: (changes: Changes, superseded: AbortSignal) =>
      new Promise<Changes | undefined>((end) => {
        calls.push({ changes, superseded, end });
        heard();
      }),
    async nth(number: number): Promise<Call> {
      while (calls.length < number) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
      return calls[number - 1] as Call;
    },
    count: () => calls.length,
  };
}

test('what comes while it works is put together and done next', async () => {
  const { act, nth } = held();
  const worker = createWorker(act, new AbortController().signal);
  worker.add(change('a'));
  const first = await nth(1);
  worker.add(change('b'));
  worker.add(change('c'));
  expect(first.superseded.aborted).toBe(false);
  first.end();
  const second = await nth(2);
  expect(second.changes.paths).toEqual(['b', 'c']);
  second.end();
  await worker.finish();
});

test('a change that needs a build makes the one under way pointless, and takes over what that was for', async () => {
  const { act, nth } = held();
  const worker = createWorker(act, new AbortController().signal);
  worker.add(change('a', true));
  const first = await nth(1);
  worker.add(change('b', true));
  expect(first.superseded.aborted).toBe(true);
  first.end(first.changes);
  const second = await nth(2);
  expect(second.changes.paths).toEqual(['a', 'b']);
  expect(second.superseded.aborted).toBe(false);
  second.end();
  await worker.finish();
});

test('what failed is tried again with the next change, and not before', async () => {
  const { act, nth, count } = held();
  const worker = createWorker(act, new AbortController().signal);
  worker.add(change('a', true));
  const first = await nth(1);
  first.end(first.changes);
  await worker.finish();
  expect(count()).toBe(1);
  worker.add(change('b'));
  const second = await nth(2);
  expect(second.changes).toMatchObject({ paths: ['a', 'b'], rebuild: true });
  second.end();
  await worker.finish();
});

test('nothing begins after the end', async () => {
  const { act, nth, count } = held();
  const over = new AbortController();
  const worker = createWorker(act, over.signal);
  worker.add(change('a'));
  const first = await nth(1);
  worker.add(change('b'));
  over.abort();
  first.end();
  await worker.finish();
  expect(count()).toBe(1);
});
