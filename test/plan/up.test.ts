import { expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import type { CreateContainer } from '../../src/model/plan.ts';
import { ProblemsError } from '../../src/model/problem.ts';
import { planFreshImages } from '../../src/plan/images.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const started = { condition: 'service_started', required: true } as const;
const healthy = { condition: 'service_healthy', required: true } as const;
const completed = { condition: 'service_completed_successfully', required: true } as const;

test('from nothing: each service follows its own image and its own dependencies only', () => {
  const stack = stackOf(
    {
      db: { image: 'redis:7', volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
      api: { build: { context: '/shop/api', dockerfile: 'Dockerfile' }, depends_on: { db: healthy } },
      web: { image: 'nginx', depends_on: { api: started } },
    },
    { volumes: { data: { name: 'shop_data' } } },
  );
  expect(planText(planUp(stack, nothing, {}))).toEqual([
    'create-network:default (it does not exist)',
    'create-volume:data (it does not exist)',
    'pull:redis:7 (the image is not on this machine)',
    'create:db-1 (it does not exist) after pull:redis:7, create-network:default, create-volume:data',
    'start:db-1 (it is to run) after create:db-1',
    'build:shop-api (the image does not exist)',
    'await:db:healthy (api waits for it) after start:db-1',
    'create:api-1 (it does not exist) after build:shop-api, create-network:default',
    'start:api-1 (it is to run) after create:api-1, await:db:healthy',
    'pull:nginx (the image is not on this machine)',
    // The image of the api tells on which port that listens.
    'create:web-1 (it does not exist) after pull:nginx, create-network:default, build:shop-api',
    'start:web-1 (it is to run) after create:web-1, start:api-1',
  ]);
});

test('an engine that looks networks up when containers start gets these at the same time; each start follows both', () => {
  const stack = stackOf({ db: { image: 'redis:7' } });
  const images = { 'redis:7': { id: 'sha256:r', labels: {}, volumes: [] } };
  const plan = planUp(stack, { ...nothing, images, apiVersion: '1.44' }, {});
  expect(planText(plan)).toEqual([
    'create-network:default (it does not exist)',
    'create:db-1 (it does not exist)',
    'start:db-1 (it is to run) after create-network:default, create:db-1',
  ]);
  // What is known already need not be asked for.
  expect(plan.steps[1]?.action).toMatchObject({ imageId: 'sha256:r' });
  expect(planText(planUp(stack, { ...nothing, images, apiVersion: '1.43' }, {}))[1]).toBe(
    'create:db-1 (it does not exist) after create-network:default',
  );
});

test('a container that was made before its network could be starts after that', () => {
  const stack = stackOf({ db: { image: 'redis:7' } });
  const byName = { name: 'shop_default', id: 'shop_default' };
  const current = runningContainer(stack, 'db', { state: 'created', networks: [byName] });
  const state = { ...runningState(stack), containers: [current], networks: [], apiVersion: '1.44' };
  expect(planText(planUp(stack, state, {}))).toEqual([
    'create-network:default (it does not exist)',
    'start:db-1 (it is created) after create-network:default',
  ]);
});

test('when all runs as described, the plan is empty', () => {
  const stack = stackOf(
    { db: { image: 'redis:7' }, web: { image: 'nginx', depends_on: { db: started } } },
    { volumes: { data: { name: 'shop_data' } } },
  );
  expect(planText(planUp(stack, runningState(stack), {}))).toEqual([]);
});

test('a changed service is replaced; one that asks for it is restarted around that, others stay', () => {
  const before = stackOf({
    db: { image: 'redis:7' },
    web: { image: 'nginx', depends_on: { db: { ...started, restart: true } } },
    job: { image: 'busybox', depends_on: { db: started } },
  });
  const after = { ...before, services: { ...before.services, db: { ...before.services.db, user: 'redis' } } };
  expect(planText(planUp(after, runningState(before), {}))).toEqual([
    'create:db-1 (its configuration changed)',
    'stop:db-id-0123456789abcdef (its configuration changed) after create:db-1',
    'remove:db-id-0123456789abcdef (its configuration changed) after stop:db-id-0123456789abcdef',
    'rename:db-1 (the name is free) after create:db-1, remove:db-id-0123456789abcdef',
    'start:db-1 (it is to run) after create:db-1, remove:db-id-0123456789abcdef, rename:db-1',
    'stop:web-id-0123456789abcdef (db is replaced) after create:db-1',
    'start:web-1 (db is replaced) after stop:web-id-0123456789abcdef, start:db-1',
  ]);
});

test('a new image is a reason to replace, by the label Docker Compose writes', () => {
  const stack = stackOf({ web: { image: 'nginx' } });
  const state = {
    ...runningState(stack),
    images: { nginx: { id: 'sha256:newer', labels: {}, volumes: [] } },
  };
  expect(planText(planUp(stack, state, {}))[0]).toBe('create:web-1 (there is a newer image nginx)');
});

test('a rebuild touches the changed service alone and does not run finished jobs again', () => {
  const stack = stackOf({
    api: { build: { context: '/shop/api', dockerfile: 'Dockerfile' } },
    migrate: { image: 'busybox' },
  });
  const state = {
    ...runningState(stack),
    containers: [
      runningContainer(stack, 'api'),
      runningContainer(stack, 'migrate', { state: 'exited', exitCode: 0 }),
    ],
  };
  const plan = planUp(stack, state, { rebuild: { api: 'api/main.ts changed' }, leaveEnded: true });
  expect(planText(plan)).toEqual([
    'build:shop-api (api/main.ts changed)',
    'create:api-1 (api/main.ts changed) after build:shop-api',
    'stop:api-id-0123456789abcdef (api/main.ts changed) after create:api-1',
    'remove:api-id-0123456789abcdef (api/main.ts changed) after stop:api-id-0123456789abcdef',
    'rename:api-1 (the name is free) after create:api-1, remove:api-id-0123456789abcdef',
    'start:api-1 (it is to run) after create:api-1, remove:api-id-0123456789abcdef, rename:api-1',
  ]);
});

test('the new container keeps the data of anonymous volumes and not that of named ones', () => {
  const stack = stackOf(
    {
      db: { image: 'redis:7', user: 'new', volumes: [{ type: 'volume', source: 'data', target: '/named' }] },
    },
    { volumes: { data: { name: 'shop_data' } } },
  );
  const anonymous = '4f2a'.repeat(16);
  const state = {
    ...runningState(stack),
    images: { 'redis:7': { id: 'sha256:new', labels: {}, volumes: ['/data'] } },
  };
  const old = runningContainer(stack, 'db', {
    labels: { [label.configHash]: 'other' },
    mounts: [
      { type: 'volume', name: 'shop_data', target: '/named' },
      { type: 'volume', name: anonymous, target: '/data' },
      // Named, and no longer in the file: its data is not to turn up again.
      { type: 'volume', name: 'shop_former', target: '/former' },
      { type: 'volume', name: anonymous.replace('4', '5'), target: '/unwanted' },
      { type: 'bind', target: '/conf' },
    ],
  });
  const plan = planUp(stack, { ...state, containers: [old] }, {});
  const create = plan.steps
    .map(({ action }) => action)
    .find((action): action is CreateContainer => action.kind === 'create-container');
  expect(create?.inheritedVolumes).toEqual({ '/data': anonymous });
  expect(create?.createAs).toBe('db-id-012345_shop-db-1');
  expect(create?.labels[label.replace]).toBe('db-1');
});

test('what an interrupted replacement left is finished or cleared away', () => {
  const stack = stackOf({ web: { image: 'nginx' } });
  const temporary = { id: 'new-id', name: '0123456789ab_shop-web-1', state: 'created' } as const;
  const state = runningState(stack);
  const both = [runningContainer(stack, 'web'), runningContainer(stack, 'web', temporary)];
  expect(planText(planUp(stack, { ...state, containers: both }, {}))).toEqual([
    'remove:new-id (it is left over from an interrupted replacement)',
  ]);
  const onlyNew = [runningContainer(stack, 'web', temporary)];
  expect(planText(planUp(stack, { ...state, containers: onlyNew }, {}))).toEqual([
    'rename:web-1 (an earlier replacement was interrupted)',
    'start:web-1 (it is created) after rename:web-1',
  ]);
});

test('conditions that already hold are not waited for', () => {
  const stack = stackOf({
    db: { image: 'redis:7' },
    migrate: { image: 'busybox' },
    web: { image: 'nginx', depends_on: { db: healthy, migrate: completed } },
  });
  const state = runningState(stack);
  const containers = [
    runningContainer(stack, 'db', { health: 'healthy' }),
    runningContainer(stack, 'migrate', { state: 'exited', exitCode: 0 }),
  ];
  const plan = planUp(stack, { ...state, containers }, { leaveEnded: true });
  expect(planText(plan)).toEqual([
    'create:web-1 (it does not exist)',
    'start:web-1 (it is to run) after create:web-1',
  ]);
});

test('a changed network is made anew after its containers are gone and before their successors are made', () => {
  const before = stackOf({ web: { image: 'nginx' } });
  const after = { ...before, networks: { default: { name: 'shop_default', internal: true } } };
  expect(planText(planUp(after, runningState(before), {}))).toEqual([
    'stop:web-id-0123456789abcdef (network shop_default changed)',
    'remove:web-id-0123456789abcdef (network shop_default changed) after stop:web-id-0123456789abcdef',
    'remove-network:shop_default (its configuration changed) after remove:web-id-0123456789abcdef',
    'create-network:default (its configuration changed) after remove-network:shop_default',
    'create:web-1 (network shop_default changed) after remove:web-id-0123456789abcdef, create-network:default',
    'start:web-1 (it is to run) after create:web-1',
  ]);
});

test('a network is made anew once all have left it, whyever they leave', () => {
  const before = stackOf({ web: { image: 'nginx' }, old: { image: 'nginx' } });
  const { web = {} } = before.services;
  const changed = { networks: { default: { name: 'shop_default', internal: true } } };
  const after = { ...before, ...changed, services: { web: { ...web, networks: {} } } };
  const state = runningState(before);
  const second = runningContainer(before, 'web', { id: 'second', name: 'shop-web-2', number: 2 });
  const containers = [...state.containers, second];
  const plan = planUp(after, { ...state, containers }, { removeOrphans: true });
  const removal = plan.steps.find(({ id }) => id === 'remove-network:shop_default');
  expect(removal?.after.toSorted()).toEqual([
    'remove:old-id-0123456789abcdef',
    'remove:second',
    'remove:web-id-0123456789abcdef',
  ]);
});

test('a network on which something would stay is not made anew, before anything is planned', () => {
  const before = stackOf({ web: { image: 'nginx' }, db: { image: 'redis' } });
  const { web = {} } = before.services;
  const changed = { networks: { default: { name: 'shop_default', internal: true } } };
  const after = { ...before, ...changed, services: { web }, disabledServices: ['db'] };
  expect(() => planUp(after, runningState(before), {})).toThrow(
    'network shop_default is to be made anew, and shop-db-1 is on it and would stay',
  );
  const state = runningState(before);
  const ended = runningContainer(before, 'db', { state: 'exited', exitCode: 0 });
  const containers = [...state.containers.filter(({ service }) => service === 'web'), ended];
  expect(planUp(after, { ...state, containers }, {}).steps.map(({ id }) => id)).toContain('create:web-1');
});

test('what has ended is made anew if its network was removed meanwhile', () => {
  const stack = stackOf({ web: { image: 'nginx' } });
  const state = runningState(stack);
  const former = { name: 'shop_default', id: 'a'.repeat(64) };
  const ended = runningContainer(stack, 'web', { state: 'exited', exitCode: 0, networks: [former] });
  const first = (networks: typeof state.networks, container = ended): string | undefined =>
    planText(planUp(stack, { ...state, networks, containers: [container] }, {})).find((step) =>
      /^(create|start):web/.test(step),
    );
  const [present] = state.networks;
  if (present === undefined) throw new Error('the state has a network');
  const why = 'create:web-1 (its network shop_default was removed)';
  expect(first([])).toBe(`${why} after create-network:default`);
  expect(first([{ ...present, id: 'b'.repeat(64) }])).toBe(why);
  expect(first([{ ...present, id: former.id }])).toBe('start:web-1 (it is exited)');
  // Some engines tell names instead of ids.
  const named = { ...ended, networks: [{ name: 'shop_default', id: 'shop_default' }] };
  expect(first([present], named)).toBe('start:web-1 (it is exited)');
});

test('what is paused goes on, and a watcher leaves it', () => {
  const stack = stackOf({ web: { image: 'nginx' } });
  const state = { ...runningState(stack), containers: [runningContainer(stack, 'web', { state: 'paused' })] };
  expect(planText(planUp(stack, state, { until: 'settled' }))).toEqual([
    'unpause:web-id-0123456789abcdef (it is paused)',
    'await:web:settled (it could end at once) after unpause:web-id-0123456789abcdef',
  ]);
  expect(planUp(stack, state, { leaveEnded: true }).steps).toEqual([]);
});

test('what is left as it is keeps the order of what it stands between', () => {
  const started = { condition: 'service_started', required: true } as const;
  const stack = stackOf({
    db: { image: 'redis' },
    api: { image: 'api', depends_on: { db: started } },
    web: { image: 'web', depends_on: { api: started } },
  });
  const state = { ...runningState(stack), containers: [runningContainer(stack, 'api')] };
  expect(planText(planUp(stack, state, {}))).toContain(
    'start:web-1 (it is to run) after create:web-1, start:db-1',
  );
});

test('a volume with other settings is kept and told, never emptied', () => {
  const before = stackOf({ db: { image: 'redis' } }, { volumes: { data: { name: 'shop_data' } } });
  const after = { ...before, volumes: { data: { name: 'shop_data', driver_opts: { type: 'tmpfs' } } } };
  const plan = planUp(after, runningState(before), {});
  expect(plan.steps).toEqual([]);
  expect(plan.warnings.map(({ message }) => message)).toEqual([
    'volume shop_data was created with other settings and is used as it is',
  ]);
});

test('a missing external network is an error before anything is planned', () => {
  const stack = stackOf(
    { web: { image: 'nginx' } },
    { networks: { default: { name: 'proxy', external: true } } },
  );
  expect(() => planUp(stack, nothing, {})).toThrow(ProblemsError);
  expect(() => planUp(stack, nothing, {})).toThrow('external network proxy does not exist');
});

test('containers of services the file no longer has are told, and removed on request', () => {
  const before = stackOf({ web: { image: 'web' }, old: { image: 'old' }, off: { image: 'off' } });
  const { old: _old, off: _off, ...services } = before.services;
  const after = { ...before, services, disabledServices: ['off'] };
  const plan = planUp(after, runningState(before), {});
  expect(plan.steps).toEqual([]);
  expect(plan.warnings.map(({ message }) => message)).toEqual(['the file has no service for shop-old-1']);
  expect(planText(planUp(after, runningState(before), { removeOrphans: true }))).toEqual([
    'stop:old-id-0123456789abcdef (the file has no such service)',
    'remove:old-id-0123456789abcdef (the file has no such service) after stop:old-id-0123456789abcdef',
  ]);
});

test('an image that one service builds is not pulled for another, and both are replaced when it is built anew', () => {
  const stack = stackOf({
    worker: { image: 'app' },
    web: { image: 'app', build: { context: '/shop/web', dockerfile: 'Dockerfile' } },
  });
  const images = (plan: ReturnType<typeof planUp>): string[] =>
    planText(plan).filter((step) => /^(build|pull|create):/.test(step));
  expect(images(planUp(stack, nothing, {}))).toEqual([
    'build:app (the image does not exist)',
    'create:worker-1 (it does not exist) after build:app, create-network:default',
    'create:web-1 (it does not exist) after build:app, create-network:default',
  ]);
  expect(images(planUp(stack, runningState(stack), { rebuild: { web: 'web/a.js changed' } }))).toEqual([
    'build:app (web/a.js changed)',
    'create:worker-1 (web/a.js changed) after build:app',
    'create:web-1 (web/a.js changed) after build:app',
  ]);
});

test('who can do without a dependency does not decide for who cannot', () => {
  const stack = stackOf({
    db: { image: 'redis' },
    a: { image: 'a', depends_on: { db: { ...healthy, required: false } } },
    b: { image: 'b', depends_on: { db: healthy } },
  });
  const starts = planUp(stack, nothing, {}).steps.filter(({ id }) => /^start:[ab]/.test(id));
  expect(starts.map(({ after }) => after)).toEqual([
    ['create:a-1', 'await:db:healthy:optional'],
    ['create:b-1', 'await:db:healthy'],
  ]);
});

test('the network of another project is used as it is and told, whatever its settings', () => {
  const stack = stackOf({ web: { image: 'nginx' } });
  const labels = { [label.project]: 'other', [label.configHash]: 'different' };
  const state = { ...runningState(stack), networks: [{ id: 'n', name: 'shop_default', labels }] };
  const plan = planUp(stack, state, {});
  expect(plan.steps).toEqual([]);
  expect(plan.warnings.map(({ code }) => code)).toEqual(['foreign-object']);
});

test('detached, a container that is found restarting has to prove itself', () => {
  const stack = stackOf({ web: { image: 'nginx' } });
  const state = {
    ...runningState(stack),
    containers: [runningContainer(stack, 'web', { state: 'restarting' })],
  };
  expect(planText(planUp(stack, state, { until: 'settled' }))).toEqual([
    'await:web:settled (it is restarting)',
  ]);
});

test('images that are wanted fresh are obtained in a plan of their own', () => {
  const stack = stackOf({
    built: { build: { context: '/shop/a', dockerfile: 'Dockerfile' } },
    always: { image: 'nginx', pull_policy: 'always' },
    fresh: { build: { context: '/shop/b', dockerfile: 'Dockerfile' }, pull_policy: 'build' },
    plain: { image: 'redis' },
  });
  expect(planText(planFreshImages(stack, nothing, { now: 0 }))).toEqual([
    'pull:nginx (pull_policy is always)',
    'build:shop-fresh (pull_policy is build)',
  ]);
  expect(planText(planFreshImages(stack, nothing, { build: true, now: 0 }))).toEqual([
    'build:shop-built (a build was asked for)',
    'pull:nginx (pull_policy is always)',
    'build:shop-fresh (a build was asked for)',
  ]);
});

test('what has no time to end goes with one call where another one takes its place, and stops first where none does', () => {
  const stack = stackOf({ web: { image: 'nginx' } });
  const killed = { ...runningContainer(stack, 'web').labels, [label.grace]: '0' };
  const stops = (changed: Parameters<typeof stackOf>[0]) => {
    const second = { id: 'second', name: 'shop-web-2', number: 2 };
    const containers = [{}, second].map((more) =>
      runningContainer(stack, 'web', { labels: killed, ...more }),
    );
    const plan = planUp(stackOf(changed), { ...runningState(stack), containers }, {});
    return plan.steps.flatMap(({ action }) =>
      action.kind === 'stop-container' ? [[action.container.number, action.removed !== undefined]] : [],
    );
  };
  expect(stops({ web: { image: 'nginx', scale: 1 } })).toEqual([[2, false]]);
  expect(stops({ web: { image: 'nginx', scale: 2, user: 'me' } }).toSorted()).toEqual([
    [1, true],
    [2, true],
  ]);
});
