import { describe, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import { planRemove } from '../../src/plan/each.ts';
import { createStepList } from '../../src/plan/steps.ts';
import { planDown } from '../../src/plan/stop.ts';
import { discard, type Keeping, tidy } from '../../src/plan/trash.ts';
import { planUndo } from '../../src/plan/undo.ts';
import { planUp } from '../../src/plan/up.ts';
import { keepingOf, keptVolume, weighed } from '../helpers/keeping.ts';
import { planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const stack = stackOf(
  {
    db: {
      image: 'postgres',
      volumes: [
        { type: 'volume', source: 'data', target: '/data' },
        { type: 'volume', target: '/cache' },
      ],
    },
  },
  { volumes: { data: { name: 'shop_data' } } },
);
const anonymous = 'ab'.repeat(32);
const mounts = [
  { type: 'volume', name: 'shop_data', target: '/data' },
  { type: 'volume', name: anonymous, target: '/cache' },
];
const state = {
  ...runningState(stack),
  containers: [runningContainer(stack, 'db', { mounts })],
};

const going = (...names: readonly string[]) =>
  names.map((name) => ({
    name,
    path: 'volumes',
    project: 'shop',
    because: 'why',
    quiet: [],
    free: [],
  }));

const discarded = (names: readonly string[], keeping: Keeping | undefined) => {
  const list = createStepList();
  discard(list, going(...names), keeping);
  return planText({ stack, steps: list.steps, warnings: [] });
};

describe('what a volume has that goes', () => {
  test('is kept before it goes; without rules it goes at once, as with Docker Compose', () => {
    const volumes = [weighed('one', { size: 10 })];
    expect(discarded(['one'], keepingOf({ volumes }))).toEqual([
      'keep-volume:one (it is removed)',
      'remove-volume:one (why (10B, 1000s old; kept for 604800s)) after keep-volume:one',
    ]);
    expect(discarded(['one'], undefined)).toEqual(['remove-volume:one (why)']);
  });

  test('is nothing: of a volume with a name folders and empty files are kept, of an anonymous one nothing', () => {
    const volumes = [weighed('one', { size: 0 }), weighed(anonymous, { size: 0 })];
    expect(
      discarded(['one', anonymous], keepingOf({ volumes })).map((line) => line.split(' ', 1)[0]),
    ).toEqual(['keep-volume:one', 'remove-volume:one', `remove-volume:${anonymous}`]);
  });

  test('is told where it cannot be kept', () => {
    const rules = { age: 604_800, size: 0 };
    const volumes = [weighed('one')];
    expect(discarded(['one'], keepingOf({ volumes, rules }))).toEqual([
      'remove-volume:one (why (size not known, 1000s old; gone for good))',
    ]);
    const others = [
      weighed('shown', { options: { type: 'none', o: 'bind', device: '/srv' } }),
      weighed('fast', { options: { type: 'tmpfs', device: 'tmpfs' } }),
      weighed('far', { driver: 'cloud' }),
    ];
    expect(discarded(['shown', 'fast', 'far'], keepingOf({ volumes: others }))).toEqual([
      expect.stringContaining('the files are those of /srv, and stay there'),
      expect.stringContaining('in memory, gone for good'),
      expect.stringContaining('nothing is kept of a volume of driver cloud'),
    ]);
  });

  test('is too much together: the smaller ones are kept', () => {
    const volumes = [weighed('big', { size: 4000 }), weighed('small', { size: 2000 })];
    const text = discarded(['big', 'small'], keepingOf({ volumes }));
    expect(text).toContainEqual(expect.stringMatching(/^keep-volume:small /));
    expect(text).toContainEqual(
      'remove-volume:big (why (4000B, 1000s old; gone for good: no more than 5000B are kept))',
    );
    expect(text).not.toContainEqual(expect.stringMatching(/^keep-volume:big/));
  });

  test('is kept as far as that turns out to be little enough where nobody knows how much it is', () => {
    const list = createStepList();
    const volumes = [weighed('one'), weighed('two', { size: 10 })];
    discard(list, going('one', 'two'), keepingOf({ volumes }));
    expect(list.steps.map(({ action, because }) => ('limit' in action ? action.limit : because))).toEqual([
      5000,
      'it is removed',
      'why (size not known, 1000s old; kept for 604800s if it has no more than 5000B)',
      'why (10B, 1000s old; kept for 604800s)',
    ]);
  });

  test('makes earlier ones go that would be too much, the oldest first, once it is kept itself', () => {
    const kept = [
      keptVolume('new', { size: 2000, at: 999_900 }),
      keptVolume('middle', { size: 2000, at: 999_800 }),
      keptVolume('old', { size: 10, at: 999_700 }),
      keptVolume('expired', { size: 10, at: 999_700 - 604_800 }),
    ];
    const keeping = keepingOf({ volumes: [weighed('one', { size: 2000 })], trash: { kept, unfinished: [] } });
    expect(discarded(['one'], keeping).filter((line) => line.startsWith('forget'))).toEqual([
      'forget-volume:holder-of-middle (no more than 5000B are kept) after keep-volume:one',
      'forget-volume:holder-of-old (no more than 5000B are kept) after keep-volume:one',
      'forget-volume:holder-of-expired (it was kept for 604800s)',
    ]);
  });
});

test('what was not copied to the end goes: of this project at once, of others when nobody can be at it', () => {
  const unfinished = [
    { holder: 'here', project: 'shop', created: 999_999 },
    { holder: 'there', project: 'other', created: 999_999 },
    { holder: 'long ago', project: 'other', created: 1 },
  ];
  const list = createStepList();
  tidy(list, keepingOf({ trash: { kept: [], unfinished } }), 5000);
  expect(list.steps.map(({ id }) => id)).toEqual(['forget-volume:here', 'forget-volume:long ago']);
});

test('what goes anyway makes room for what stays', () => {
  const kept = [
    keptVolume('asked for', { size: 3000, at: 999_990 }),
    keptVolume('older', { size: 2000, at: 999_980 }),
    keptVolume('oldest', { size: 2000, at: 999_970 }),
  ];
  const list = createStepList();
  const [first] = kept;
  list.add({ kind: 'forget-volume', holder: first?.holder ?? '', name: 'asked for' }, 'why', 'volumes');
  tidy(list, keepingOf({ trash: { kept, unfinished: [] } }), 3000);
  expect(list.steps.map(({ id }) => id)).toEqual([
    'forget-volume:holder-of-asked for',
    'forget-volume:holder-of-oldest',
  ]);
});

test('down keeps volumes once all that writes has stopped, anonymous ones before their containers go', () => {
  const volumes = [weighed('shop_data', { size: 10 }), weighed(anonymous, { size: 20 })];
  const plan = planDown(stack, stack, state, { volumes: true, keeping: keepingOf({ volumes }) });
  const steps = new Map(plan.steps.map((step) => [step.id, step]));
  const stop = `stop:${state.containers[0]?.id}`;
  const remove = `remove:${state.containers[0]?.id}`;
  expect(steps.get(remove)).toMatchObject({
    action: { volumes: true },
    after: [stop, `keep-volume:${anonymous}`],
  });
  for (const name of ['shop_data', anonymous]) {
    expect(steps.get(`keep-volume:${name}`)?.after).toEqual([stop]);
    expect(steps.get(`remove-volume:${name}`)?.after).toEqual([`keep-volume:${name}`, remove]);
  }
  expect(steps.get(`remove-volume:${anonymous}`)?.because).toContain('anonymous, /cache of shop-db-1');
  const plain = planDown(stack, stack, state, { volumes: true });
  expect(plain.steps.map(({ id }) => id)).toEqual([
    stop,
    remove,
    'remove-network:shop_default',
    'remove-volume:shop_data',
  ]);
});

test('rm keeps anonymous volumes and leaves others alone', () => {
  const options = { services: undefined, stop: true, volumes: true, stack };
  const keeping = keepingOf({ volumes: [weighed('shop_data'), weighed(anonymous)] });
  const plan = planRemove(stack, state, { ...options, keeping });
  expect(plan.steps.map(({ id }) => id).slice(1)).toEqual([
    `keep-volume:${anonymous}`,
    `remove:${state.containers[0]?.id}`,
    `remove-volume:${anonymous}`,
  ]);
});

test('without a file what is only called like an anonymous volume stays', () => {
  const idsWith = (isAnonymous: object, known: typeof stack | undefined = undefined) => {
    const keeping = keepingOf({ volumes: [weighed(anonymous, { size: 20, ...isAnonymous })] });
    const down = planDown(stack, known, state, { volumes: true, keeping });
    const options = { services: undefined, stop: true, volumes: true, stack: known, keeping };
    const removed = [down, planRemove(stack, state, options)];
    return removed.map(({ steps }) => steps.some(({ id }) => id === `remove-volume:${anonymous}`));
  };
  expect(idsWith({ anonymous: false })).toEqual([false, false]);
  expect(idsWith({ anonymous: true })).toEqual([true, true]);
  // Older engines do not tell. The file names what is no anonymous one.
  expect(idsWith({})).toEqual([true, true]);
  expect(idsWith({ anonymous: false }, stack)).toEqual([true, true]);
});

test('up keeps what a volume has that is made anew', () => {
  const volume = { name: 'shop_data', labels: { [label.project]: 'shop', [label.configHash]: 'other' } };
  const keeping = keepingOf({ volumes: [weighed('shop_data', { size: 10 })] });
  const plan = planUp(
    stack,
    { ...state, volumes: [volume] },
    { recreateVolumes: true, keeping, chosen: ['db'], noBuild: false },
  );
  const steps = new Map(plan.steps.map((step) => [step.id, step.after]));
  expect(steps.get('remove-volume:shop_data')).toContain('keep-volume:shop_data');
  expect(steps.get('create-volume:data')).toEqual(['remove-volume:shop_data']);
});

test('undo makes volumes as they were, or one as nobody’s', () => {
  const kept = keptVolume('shop_data', {
    labels: { [label.project]: 'shop', mine: '1' },
    options: { o: 'size=1g' },
  });
  const plan = planUndo(stack, [kept], [], undefined);
  expect(planText(plan)).toEqual([
    'create-volume:shop_data (it was removed)',
    'clone-volume:shop_data (what it had was kept) after create-volume:shop_data',
    'forget-volume:holder-of-shop_data (volume shop_data has it again) after clone-volume:shop_data',
  ]);
  expect(plan.steps[0]?.action).toMatchObject({ labels: kept.labels, volume: { driver_opts: kept.options } });
  expect(planUndo(stack, [kept], [], 'mine').steps[0]?.action).toMatchObject({
    volume: { name: 'mine' },
    labels: { mine: '1' },
  });
});
