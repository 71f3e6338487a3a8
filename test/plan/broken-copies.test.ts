import { expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import { planDown } from '../../src/plan/stop.ts';
import { planUndo } from '../../src/plan/undo.ts';
import { planUp } from '../../src/plan/up.ts';
import { keptVolume } from '../helpers/keeping.ts';
import { nothing, planText, stackOf } from '../helpers/stack.ts';

const stack = stackOf(
  { db: { image: 'postgres', volumes: [{ type: 'volume', source: 'data', target: '/data' }] } },
  { volumes: { data: { name: 'shop_data' } } },
);
const volume = { name: 'shop_data', labels: { [label.project]: 'shop', [label.volume]: 'data' } };
const broken = { helper: 'stack-copy-abc', to: 'shop_data', from: 'main_data', paused: ['main-db'] };
const half = { ...nothing, volumes: [volume], brokenCopies: [broken] };
const about = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => /volume|copy/.test(line.split(':', 1)[0] ?? ''));

test('a volume that has got a part of another one is made anew, with all of it', () => {
  const original = { name: 'main_data', labels: {} };
  const copy = { ...stack, cloned: { data: 'main_data' } };
  const plan = planUp(copy, { ...half, volumes: [volume, original] }, { noBuild: false });
  expect(about(planText(plan))).toEqual([
    'end-copy:stack-copy-abc (it was broken off)',
    'create-volume:data (it does not exist) after end-copy:stack-copy-abc',
    'clone-volume:data (the copy is to have its data) after create-volume:data',
  ]);
  expect(plan.steps[0]?.action).toMatchObject({ removes: true, paused: ['main-db'] });
});

test('one that is not of the project stays, whatever a label says', () => {
  const { steps } = planUp(stack, { ...half, volumes: [{ ...volume, labels: {} }] }, { noBuild: false });
  expect(steps[0]?.action).toMatchObject({ kind: 'end-copy', removes: false });
});

test('what comes back and has not come to the end is used by nobody; another undo begins anew', () => {
  const undone = { ...broken, from: 'stack-trash-3f9a2c-1' };
  const state = { ...half, brokenCopies: [undone] };
  expect(() => planUp(stack, state, { noBuild: false })).toThrow('has got back only a part');
  // The part has gone meanwhile.
  expect(() => planUp(stack, { ...state, volumes: [] }, { noBuild: false })).not.toThrow();
  const kept = keptVolume('shop_data', { holder: 'stack-trash-3f9a2c-1' });
  const other = { ...undone, helper: 'stack-copy-def', to: 'shop_other' };
  const plan = planUndo(stack, [kept], [undone, other], undefined);
  expect(planText(plan).slice(0, 2)).toEqual([
    'end-copy:stack-copy-abc (it was broken off)',
    'create-volume:shop_data (it was removed) after end-copy:stack-copy-abc',
  ]);
  expect(plan.steps[0]?.action).toMatchObject({ removes: true });
});

test('down takes it away before the volumes go', () => {
  const lines = planText(planDown(stack, stack, half, { volumes: true }));
  expect(about(lines)).toEqual(['end-copy:stack-copy-abc (it was broken off)']);
  const whole = { ...half, brokenCopies: [{ ...broken, to: 'stack-trash-3f9a2c-1' }] };
  expect(about(planText(planDown(stack, stack, whole, { volumes: true })))).toEqual([
    'end-copy:stack-copy-abc (it was broken off)',
    'remove-volume:shop_data (its data is no longer wanted) after end-copy:stack-copy-abc',
  ]);
});
