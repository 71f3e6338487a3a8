import { expect, test } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { formatPlan } from '../../src/plan/format.ts';
import { planUp } from '../../src/plan/up.ts';
import { tellService } from '../../src/plan/why.ts';
import { runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';
const stack = stackOf({
  web: { image, depends_on: { db: { condition: 'service_healthy', required: true } } },
  db: { image: 'postgres:17' },
});
const told = (containers: ReturnType<typeof runningContainer>[], name: string) =>
  tellService(stack, name, containers, planUp(stack, { ...runningState(stack), containers }, {}));

test('a container that waits says for whom and how that one is', () => {
  const web = runningContainer(stack, 'web', { state: 'created', status: 'Created' });
  const db = runningContainer(stack, 'db', { health: 'unhealthy', status: 'Up 1 minute (unhealthy)' });
  expect(told([web, db], 'web')).toBe(
    [
      'shop-web-1: it was created and has not started',
      '  it waits until db is healthy: shop-db-1 runs and its health test fails (Up 1 minute (unhealthy))',
      'up would',
      '  start container shop-web-1: it is created',
      '',
    ].join('\n'),
  );
  expect(told([web, db], 'db')).toContain('see what it says: stack logs db');
});

test('a container that is as it should be stays', () => {
  const containers = [...runningState(stack).containers];
  expect(told(containers, 'db')).toBe('shop-db-1: it runs (Up 3 minutes)\nup would leave it as it is\n');
});

test('one that has failed, and none at all', () => {
  const db = runningContainer(stack, 'db', {
    state: 'exited',
    exitCode: 1,
    status: 'Exited (1) 2 seconds ago',
  });
  expect(told([db], 'db')).toContain('shop-db-1: it failed (Exited (1) 2 seconds ago)\n  see what it says');
  expect(told([], 'db')).toMatch(
    /^db has no container\nup would\n {2}create container shop-db-1: it does not exist/,
  );
});

test('one that has ended waits for nothing, and one that was stopped has not failed', () => {
  const db = runningContainer(stack, 'db', { state: 'exited', exitCode: 0, status: 'Exited (0)' });
  const web = runningContainer(stack, 'web', { state: 'exited', exitCode: 1, status: 'Exited (1)' });
  expect(told([web, db], 'web')).toMatch(
    /^shop-web-1: it failed \(Exited \(1\)\)\n {2}see what it says.*\nup would/,
  );
  expect(told([db], 'db')).toMatch(/^shop-db-1: it has ended well \(Exited \(0\)\)\nup would/);
  const killed = runningContainer(stack, 'db', { state: 'exited', exitCode: 137, status: 'Exited (137)' });
  expect(told([killed], 'db')).toMatch(/^shop-db-1: it was stopped or killed \(Exited \(137\)\)\nup would/);
  const created = runningContainer(stack, 'web', { state: 'created', status: 'Created' });
  expect(told([created], 'web')).toContain('it waits until db is healthy: db has no container\n');
  for (const db of [{ image: 'postgres:17', scale: 0 }, { provider: { type: 'x' } }]) {
    const without = stackOf({ ...stack.services, db });
    const plan = planUp(without, { ...runningState(without), containers: [created] }, {});
    expect(tellService(without, 'web', [created], plan)).not.toContain('waits');
  }
});

test('a replacement is one line with its reason, and remembered by the container', () => {
  const changed = stackOf({ ...stack.services, db: { image: 'postgres:17', environment: { A: 'b' } } });
  const observed = runningState(stack);
  const plan = planUp(changed, observed, {});
  expect(tellService(changed, 'db', observed.containers, plan)).toMatch(
    /^shop-db-1: it runs .*\nup would\n {2}replace container shop-db-1: its configuration changed\n$/,
  );
  const made = plan.steps.flatMap(({ action }) =>
    action.kind === 'create-container' ? [action.labels] : [],
  );
  const db = runningContainer(changed, 'db', { labels: made[0] ?? {} });
  expect(tellService(changed, 'db', [db], planUp(changed, { ...observed, containers: [db] }, {}))).toContain(
    'it took the place of an earlier container: its configuration changed',
  );
});

test('a restart is one line, too', () => {
  const dependent = stackOf({
    db: { image: 'postgres:17' },
    web: { image, depends_on: { db: { condition: 'service_started', required: true, restart: true } } },
  });
  const plan = planUp(dependent, runningState(dependent), { forceRecreate: true, chosen: ['db'] });
  expect(formatPlan(plan)).toBe(
    'replace container shop-db-1: it was asked for\nrestart container shop-web-1: db is replaced\n',
  );
});

test('what the engine said of a start is told', () => {
  const db = runningContainer(stack, 'db', { state: 'created', status: 'Created' });
  const refused = new Map([
    [db.id, { code: 'port-in-use', severity: 'error', message: 'port 0.0.0.0:1 is in use', hint: 'stop it' }],
  ] as const);
  const plan = planUp(stack, { ...runningState(stack), containers: [db] }, {});
  expect(tellService(stack, 'db', [db], plan, refused)).toContain(
    'it was created and has not started\n  it was not started: port 0.0.0.0:1 is in use\n  stop it\n',
  );
});

test('how it failed is told with what it said last, and what its health test says', () => {
  const db = runningContainer(stack, 'db');
  const plan = planUp(stack, { ...runningState(stack), containers: [db] }, {});
  const tellOf = (problem: Omit<Problem, 'severity'>): string =>
    tellService(
      stack,
      'db',
      [db],
      plan,
      new Map([[db.id, { severity: 'error', service: 'db', ...problem }]]),
    );
  const cause = ['1', '2', '3', '4', '5', '6'].join('\n');
  expect(
    tellOf({ code: 'service-exited', message: 'db ended with exit code 3', hint: 'look', cause }),
  ).toContain('\n  it ended with exit code 3\n  look\n  its last lines\n    2\n    3\n    4\n    5\n    6\n');
  expect(tellOf({ code: 'service-unhealthy', message: 'its health test has not run yet' })).toContain(
    '\n  its health test has not run yet\n',
  );
});
