import { expect, test } from 'vitest';
import type { Service } from '../../src/model/stack.ts';
import { planRestart } from '../../src/plan/restart.ts';
import { planDown, planStop } from '../../src/plan/stop.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningState, stackOf } from '../helpers/stack.ts';

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
