import { expect, test } from 'vitest';
import { limited } from '../../src/cli/limit.ts';
import type { Action } from '../../src/model/plan.ts';
import type { PerformContext, Runtime } from '../../src/model/runtime.ts';

const context = { signal: new AbortController().signal } as PerformContext;
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function runtimeOf() {
  const working: { readonly name: string; end(error?: Error): void }[] = [];
  const perform = (action: Action): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
      working.push({ name: action.kind === 'remove-volume' ? action.name : action.kind, end });
    });
  return { working, runtime: { perform } as unknown as Runtime };
}

const remove = (name: string): Action => ({ kind: 'remove-volume', name });

test('no more actions than allowed are under way; one that fails makes room, too', async () => {
  const { working, runtime } = runtimeOf();
  const { perform } = limited(runtime, 2);
  const done = ['a', 'b', 'c', 'd'].map((name) => perform(remove(name), context));
  const begun = (): readonly string[] => working.map(({ name }) => name);
  await tick();
  expect(begun()).toEqual(['a', 'b']);
  working[1]?.end(new Error('no'));
  await expect(done[1]).rejects.toThrow('no');
  await tick();
  expect(begun()).toEqual(['a', 'b', 'c']);
  working[0]?.end();
  await done[0];
  await tick();
  expect(begun()).toEqual(['a', 'b', 'c', 'd']);
  for (const { end } of working) end();
  await Promise.all([done[2], done[3]]);
  // All room is free again.
  void perform(remove('e'), context);
  void perform(remove('f'), context);
  await tick();
  expect(begun().slice(4)).toEqual(['e', 'f']);
});

test('waiting for a service takes no room', async () => {
  const { working, runtime } = runtimeOf();
  const { perform } = limited(runtime, 1);
  const wait: Action = {
    kind: 'await-condition',
    service: 'db',
    condition: 'healthy',
    containers: [],
    optional: false,
  };
  void perform(wait, context);
  void perform(wait, context);
  void perform(remove('a'), context);
  await tick();
  expect(working.map(({ name }) => name)).toEqual(['await-condition', 'await-condition', 'a']);
});
