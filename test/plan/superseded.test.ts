import { expect, test } from 'vitest';
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

test('earlier images go after all else, and only those of services that are built', () => {
  const stack = stackOf({ web: { build }, db: { image: 'db' } });
  const before = {
    stack,
    steps: [
      {
        id: 'remove:1',
        action: { kind: 'remove-network', name: 'n', id: '1', ifUsed: 'keep' },
        because: '',
        after: [],
        path: '',
      },
    ],
    warnings: [],
  } as const;
  const { steps } = withoutSuperseded(before, stack, 3);
  expect(steps.at(-1)).toMatchObject({
    action: { kind: 'prune-images', project: stack.name, keep: { web: 3 }, optional: true },
    after: ['remove:1'],
  });
  expect(withoutSuperseded(before, stackOf({ db: { image: 'db' } }), 3)).toBe(before);
});
