import { expect, test } from 'vitest';
import type { ObservedState } from '../../src/model/observed.ts';
import type { Service } from '../../src/model/stack.ts';
import { planRestart } from '../../src/plan/restart.ts';
import { planStart } from '../../src/plan/start.ts';
import { planDown, planStop } from '../../src/plan/stop.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const db: Service = {
  image: 'redis:7',
  post_start: [{ command: ['load'] }, { command: ['warm'] }],
  pre_stop: [{ command: ['save'] }],
};
const stack = stackOf({
  db,
  web: { image: 'nginx', depends_on: { db: { condition: 'service_started', required: true } } },
});
const id = 'db-id-0123456789abcdef';

test('what depends on a service waits for its hooks, which run one after the other', () => {
  const plan = planText(planUp(stack, nothing, {}));
  expect(plan.filter((line) => /^(post_start|start)/.test(line))).toEqual([
    'start:db-1 (it is to run) after create:db-1',
    'post_start:db-1:0 (it has started) after start:db-1',
    'post_start:db-1:1 (it has started) after post_start:db-1:0',
    'start:web-1 (it is to run) after create:web-1, post_start:db-1:1',
  ]);
});

test('hooks run before a container is stopped, in every way but by force', () => {
  const observed = runningState(stack);
  const before = [
    'stop:web-id-0123456789abcdef (it was asked for)',
    'pre_stop:db-1:0 (it is about to stop) after stop:web-id-0123456789abcdef',
    `stop:${id} (it was asked for) after pre_stop:db-1:0`,
  ];
  expect(planText(planStop(stack, observed, { stack }))).toEqual(before);
  expect(planText(planStop(stack, observed, { stack, force: true }))).toHaveLength(2);
  expect(planText(planDown(stack, stack, observed, {}))).toContain(
    `stop:${id} (the stack goes down) after pre_stop:db-1:0`,
  );
  const changed = stackOf({ ...stack.services, db: { ...db, user: 'redis' } });
  expect(planText(planUp(changed, observed, {}))).toContain(
    `stop:${id} (its configuration changed) after pre_stop:db-1:0`,
  );
});

test('a restart has the hooks of both', () => {
  expect(planText(planRestart(stack, stack, runningState(stack), { services: ['db'] }))).toEqual([
    'pre_stop:db-1:0 (it is about to stop)',
    `restart:${id} (it was asked for) after pre_stop:db-1:0`,
    `post_start:db-1:0 (it has started) after restart:${id}`,
    'post_start:db-1:1 (it has started) after post_start:db-1:0',
  ]);
});

const prepared: Service = {
  image: 'web',
  scale: 2,
  environment: { A: '1', B: '2' },
  pre_start: [{ command: ['migrate'], image: 'tools', environment: { B: '3' } }, { command: ['seed'] }],
  depends_on: { db: { condition: 'service_started', required: true } },
};
const withPreStart = stackOf({ db: { image: 'redis:7' }, web: prepared });

test('hooks before the start run once, when all containers are there and none of the service runs', () => {
  const plan = planUp(withPreStart, nothing, {});
  expect(planText(plan).filter((line) => /^(pull:tools|pre_start|start:web)/.test(line))).toEqual([
    'pull:tools (the image is not on this machine)',
    'pre_start:web:0 (it is about to start) after start:db-1, create:web-1, create:web-2, pull:tools',
    'pre_start:web:1 (it is about to start) after pre_start:web:0',
    'start:web-1 (it is to run) after create:web-1, pre_start:web:1',
    'start:web-2 (it is to run) after create:web-2, pre_start:web:1',
  ]);
  expect(plan.steps.find(({ id }) => id === 'pre_start:web:0')?.action).toMatchObject({
    name: 'shop-web-pre_start-0',
    container: { name: 'shop-web-1' },
    image: 'tools',
    environment: { A: '1', B: '3' },
    networks: [{ name: 'shop_default', aliases: ['web'] }],
  });
  const ids = (state: ObservedState) => planText(planUp(withPreStart, state, {})).join('\n');
  expect(ids(runningState(withPreStart))).not.toContain('pre_start');
  const stopped = [runningContainer(withPreStart, 'web', { state: 'exited' })];
  expect(ids({ ...runningState(withPreStart), containers: stopped })).toContain('pre_start:web:1');
  expect(planText(planUp(withPreStart, nothing, { start: false })).join()).not.toContain('pre_start');
});

test('an image that is mounted is pulled, or built where another service is built under its name', () => {
  const stack = stackOf({
    web: {
      image: 'web',
      volumes: [
        { type: 'image', source: 'tools', target: '/tools' },
        { type: 'image', source: 'shop-app', target: '/app' },
      ],
    },
    app: { build: { context: '/app' } },
  });
  const steps = planText(planUp(stack, nothing, {}));
  expect(steps).toContain('pull:tools (the image is not on this machine)');
  expect(steps).toContain(
    'create:web-1 (it does not exist) after pull:web, create-network:default, pull:tools, build:shop-app',
  );
  expect(planText(planUp(stack, runningState(stack), {})).join()).not.toContain('tools');
});

test('start runs them, too; what failed ones left goes with down', () => {
  const stopped = { containers: [runningContainer(withPreStart, 'web', { state: 'exited' })] };
  expect(planText(planStart(withPreStart, withPreStart, stopped, {}))).toContain(
    'start:web-1 (it does not run) after pre_start:web:1',
  );
  const left = runningContainer(withPreStart, 'web', { id: 'left', number: 0, state: 'exited' });
  const observed = { ...runningState(withPreStart), hookContainers: [left] };
  expect(planText(planDown(withPreStart, withPreStart, observed, {}))).toContain(
    'remove:left (its hook failed)',
  );
});
