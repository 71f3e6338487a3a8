import { expect, test } from 'vitest';
import type { Action, Plan, Step } from '../../src/model/plan.ts';
import { keptImagesOf, withoutSuperseded } from '../../src/plan/superseded.ts';
import { stackOf } from '../helpers/stack.ts';

const build = { context: '/shop' };

test('a service says how many earlier images stay, else the file, else they who ask', () => {
  const own = { build, 'x-stack': { keep_images: 0 } };
  const all = { 'x-stack': { keep_images: 5 } };
  expect(keptImagesOf({ extensions: all }, own, 3)).toBe(0);
  expect(keptImagesOf({ extensions: all }, { build }, 3)).toBe(5);
  expect(keptImagesOf({ extensions: {} }, { build, 'x-stack': { watch: false } }, 3)).toBe(3);
});

const container = { service: 'web', number: 1, name: 'shop-web-1' };
const step = (id: string, action: Action, after: readonly string[] = []): Step => ({
  id,
  action,
  because: '',
  after,
  path: '',
});

test('earlier images go after all else but the containers that leave, and only those of services that are built', () => {
  const stack = stackOf({ web: { build }, db: { image: 'db' } });
  const before: Plan = {
    stack,
    steps: [
      step('network', { kind: 'remove-network', name: 'n', id: '1', ifUsed: 'keep' }),
      step('start', { kind: 'start-container', container }),
      step('drain', { kind: 'drain-container', container, id: '1', optional: true }, ['start']),
      step('stop', { kind: 'stop-container', container, id: '1' }, ['drain']),
      step('remove', { kind: 'remove-container', container, id: '1', volumes: false }, ['stop']),
    ],
    warnings: [],
  };
  const last = (kept: number) => withoutSuperseded(before, stack, kept).steps.at(-1);
  expect(last(3)).toMatchObject({
    action: { kind: 'prune-images', project: stack.name, keep: { web: 3 }, optional: true },
    after: ['network', 'start'],
  });
  // Where none stays it is theirs that is to go.
  expect(last(0)?.after).toEqual(['network', 'start', 'drain', 'stop', 'remove']);
  expect(withoutSuperseded(before, stackOf({ db: { image: 'db' } }), 3)).toBe(before);
});
