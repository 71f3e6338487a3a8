import { expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planDown, planStop } from '../../src/plan/stop.ts';
import { keepingOf } from '../helpers/keeping.ts';
import { planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const started = { condition: 'service_started', required: true } as const;
const stack = stackOf(
  {
    db: { image: 'redis' },
    api: { image: 'api', depends_on: { db: started } },
    web: { image: 'web', depends_on: { api: started } },
  },
  { volumes: { data: { name: 'shop_data' }, theirs: { name: 'theirs', external: true } } },
);
const id = (name: string): string => `${name}-id-0123456789abcdef`;

test('dependants stop before what they depend on', () => {
  expect(planText(planStop(stack, runningState(stack), {}))).toEqual([
    `stop:${id('web')} (it was asked for)`,
    `stop:${id('api')} (it was asked for) after stop:${id('web')}`,
    `stop:${id('db')} (it was asked for) after stop:${id('api')}`,
  ]);
});

test('what does not run keeps the order of what it stands between', () => {
  const ended = runningContainer(stack, 'api', { state: 'exited', exitCode: 0 });
  const containers = [runningContainer(stack, 'db'), ended, runningContainer(stack, 'web')];
  const order = [
    `stop:${id('web')} (it was asked for)`,
    `stop:${id('db')} (it was asked for) after stop:${id('web')}`,
  ];
  expect(planText(planStop(stack, { containers }, {}))).toEqual(order);
  // Without a container of it only the file knows.
  const without = containers.filter((one) => one !== ended);
  expect(planText(planStop(stack, { containers: without }, { stack }))).toEqual(order);
  expect(planText(planStop(stack, { containers }, { services: ['web', 'db'] }))).toEqual(order);
});

test('with force all are killed at once', () => {
  const plan = planStop(stack, runningState(stack), { force: true });
  expect(plan.steps.map(({ action, after }) => [action.kind, after])).toEqual(
    Array(3).fill(['kill-container', []]),
  );
});

test('labels that name each other do not hold each other up', () => {
  const circular = ['a', 'b'].map((name, index) =>
    runningContainer(stackOf({ a: { image: 'x' }, b: { image: 'x' } }), name, {
      labels: { [label.dependsOn]: `${index === 0 ? 'b' : 'a'}:service_started:false` },
    }),
  );
  const plan = planStop(stack, { ...runningState(stack), containers: circular }, {});
  const ids = plan.steps.map((step) => step.id);
  expect(plan.steps.every((step, index) => step.after.every((before) => ids.indexOf(before) < index))).toBe(
    true,
  );
});

test('down removes each container as soon as it has stopped, then the networks; volumes stay', () => {
  expect(planText(planDown(stack, stack, runningState(stack), {}))).toEqual([
    `stop:${id('web')} (the stack goes down)`,
    `stop:${id('api')} (the stack goes down) after stop:${id('web')}`,
    `stop:${id('db')} (the stack goes down) after stop:${id('api')}`,
    `remove:${id('db')} (the stack goes down) after stop:${id('db')}`,
    `remove:${id('api')} (the stack goes down) after stop:${id('api')}`,
    `remove:${id('web')} (the stack goes down) after stop:${id('web')}`,
    `remove-network:shop_default (the stack goes down) after remove:${id('db')}, remove:${id('api')}, remove:${id('web')}`,
  ]);
});

test('down removes each network as soon as nothing that goes is on it', () => {
  const [db, api, web] = ['db', 'api', 'web'].map((name) => runningContainer(stack, name));
  if (db === undefined || api === undefined || web === undefined) throw new Error('three');
  const front = { id: 'front-id', name: 'shop_front' };
  const state = {
    ...runningState(stack),
    containers: [db, api, { ...web, networks: [front] }],
    networks: [{ ...front, labels: { [label.project]: 'shop', [label.network]: 'front' } }],
  };
  expect(planText(planDown(stack, undefined, state, {})).at(-1)).toBe(
    `remove-network:shop_front (the stack goes down) after remove:${id('web')}`,
  );
});

test('down -v removes the volumes of the stack and never external ones; --rmi local only what was built', () => {
  const state = runningState(stack);
  const images = {
    redis: { id: 'sha256:r', labels: {}, volumes: [] },
    api: { id: 'sha256:a', labels: { [label.project]: 'shop', [label.service]: 'api' }, volumes: [] },
  };
  const plan = planDown(stack, stack, { ...state, images }, { volumes: true, images: 'local' });
  const kinds = plan.steps.map(({ id }) => id).filter((step) => /^remove-(volume|image)/.test(step));
  expect(kinds).toEqual(['remove-volume:shop_data', 'remove-image:api']);
  expect(
    plan.steps
      .filter(({ action }) => action.kind === 'remove-container')
      .every(({ action }) => 'volumes' in action && action.volumes),
  ).toBe(true);
});

test('with a file only what it declares is removed: another folder of the same name may share the project', () => {
  const state = runningState(stack);
  const theirs = {
    ...state,
    networks: [
      ...state.networks,
      { id: 'n', name: 'shop_back', labels: { [label.project]: 'shop', [label.network]: 'back' } },
    ],
    volumes: [
      ...state.volumes,
      { name: 'shop_old', labels: { [label.project]: 'shop', [label.volume]: 'old' } },
    ],
  };
  const plan = planDown(stack, stack, theirs, { volumes: true });
  const removed = plan.steps.map(({ id }) => id).filter((id) => /^remove-(network|volume)/.test(id));
  expect(removed).toEqual(['remove-network:shop_default', 'remove-volume:shop_data']);
});

test('a network that others made stays, even if the file has it under that name', () => {
  const state = runningState(stack);
  const made = (labels: Record<string, string>) => [{ id: 'n', name: 'shop_default', labels }];
  for (const labels of [{}, { [label.project]: 'other', [label.network]: 'default' }]) {
    const plan = planDown(stack, stack, { ...state, networks: made(labels) }, {});
    expect(plan.steps.map(({ id }) => id)).not.toContain('remove-network:shop_default');
  }
});

test('images of other projects stay', () => {
  const base = { id: 'sha256:b', labels: { [label.project]: 'other', [label.service]: 'base' }, volumes: [] };
  const plan = planDown(stack, stack, { ...runningState(stack), images: { base } }, { images: 'local' });
  expect(plan.steps.map(({ id }) => id)).not.toContain('remove-image:base');
});

test('without a file everything is read from labels', () => {
  const plan = planDown({ name: 'shop', directory: '/' }, undefined, runningState(stack), {});
  expect(
    plan.steps.map(({ action }) => action.kind).filter((kind) => kind === 'remove-container'),
  ).toHaveLength(3);
  expect(plan.steps.at(-1)?.id).toBe('remove-network:shop_default');
});

test('one-off containers stay unless orphans are to go', () => {
  const oneOff = runningContainer(stack, 'web', { id: 'once', name: 'shop-web-run-1', oneOff: true });
  const state = { ...runningState(stack), containers: [oneOff] };
  expect(planDown(stack, stack, state, {}).steps.map(({ id }) => id)).toEqual([
    'remove-network:shop_default',
  ]);
  expect(planDown(stack, stack, state, { removeOrphans: true }).steps.map(({ id }) => id)).toContain(
    'remove:once',
  );
});

test('services alone: what other containers use stays, and volumes only go if the services mount them', () => {
  const two = stackOf(
    {
      db: { image: 'redis', volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
      web: { image: 'web', volumes: [{ type: 'volume', source: 'pages', target: '/pages' }] },
    },
    { volumes: { data: { name: 'shop_data' }, pages: { name: 'shop_pages' } } },
  );
  const plan = planDown(two, two, runningState(two), { services: ['db'], volumes: true });
  expect(planText(plan)).toEqual([
    `stop:${id('db')} (the stack goes down)`,
    `remove:${id('db')} (the stack goes down) after stop:${id('db')}`,
    `remove-volume:shop_data (its data is no longer wanted) after remove:${id('db')}`,
  ]);
  const all = planDown(two, two, runningState(two), { services: ['db', 'web'], volumes: true });
  expect(all.steps.map((step) => step.id)).toContain('remove-network:shop_default');
});

test('services without a file take along what depends on them', () => {
  const plan = planDown({ name: 'shop', directory: '/' }, undefined, runningState(stack), {
    services: ['api'],
  });
  expect(plan.steps.map((step) => step.id)).toEqual([
    `stop:${id('web')}`,
    `stop:${id('api')}`,
    `remove:${id('api')}`,
    `remove:${id('web')}`,
  ]);
});

test('all images of the services go, with or without a file', () => {
  const removed = (plan: Plan): string[] =>
    plan.steps.flatMap(({ action }) => (action.kind === 'remove-image' ? [action.image] : []));
  const state = runningState(stack);
  expect(removed(planDown(stack, stack, state, { images: 'all' }))).toEqual(['redis', 'api', 'web']);
  expect(removed(planDown(stack, stack, state, { images: 'all', services: ['web'] }))).toEqual(['web']);
  const project = { name: 'shop', directory: '/' };
  expect(removed(planDown(project, undefined, state, { images: 'all' })).sort()).toEqual([
    'api',
    'redis',
    'web',
  ]);
});

test('what has no time to end stops and goes with one call, unless its data is kept between the two', () => {
  const state = runningState(stack);
  const killed = { labels: { [label.grace]: '0' } };
  const containers = [runningContainer(stack, 'db', killed), runningContainer(stack, 'web')];
  const removedBy = (options: Parameters<typeof planDown>[3]) =>
    planDown(stack, stack, { ...state, containers }, options).steps.flatMap(({ action }) =>
      action.kind === 'stop-container' && action.removed !== undefined
        ? [[action.container.service, action.removed.volumes]]
        : [],
    );
  expect(removedBy({})).toEqual([['db', false]]);
  expect(removedBy({ volumes: true })).toEqual([['db', true]]);
  expect(removedBy({ timeout: 10 })).toEqual([]);
  expect(removedBy({ timeout: 0 })).toEqual([
    ['web', false],
    ['db', false],
  ]);
  expect(removedBy({ volumes: true, keeping: keepingOf() })).toEqual([]);
  // Who looks on makes anew what vanishes while others run on.
  expect(removedBy({ services: ['db'] })).toEqual([]);
});

test('a timeout goes along to every stop', () => {
  const plans = [
    planStop(stack, runningState(stack), { timeout: 3 }),
    planDown(stack, stack, runningState(stack), { timeout: 3 }),
  ];
  for (const { steps } of plans) {
    const stops = steps.filter(({ action }) => action.kind === 'stop-container');
    expect(stops.map(({ action }) => 'timeout' in action && action.timeout)).toEqual([3, 3, 3]);
  }
});

test('what profiles that are off have started stays, and that is told', () => {
  const narrowed = { ...stack, services: { db: { image: 'redis' } }, disabledServices: ['api', 'web'] };
  const plan = planDown(narrowed, narrowed, runningState(stack), {});
  expect(plan.steps.flatMap(({ action }) => ('id' in action ? [action.id] : []))).toEqual([
    id('db'),
    id('db'),
    expect.anything(),
  ]);
  expect(plan.warnings[0]?.message).toBe('the profiles of shop-api-1, shop-web-1 are off, so they stay');
});
