import { expect, test } from 'vitest';
import type { CreateContainer, Plan } from '../../src/model/plan.ts';
import type { Service } from '../../src/model/stack.ts';
import { identityLabels } from '../../src/plan/container.ts';
import { discover } from '../../src/plan/discovery.ts';
import { withContainers } from '../../src/plan/sharing.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';
const sidecar: Service = {
  image: 'alpine',
  networks: {},
  network_mode: 'service:db',
  pid: 'service:db',
  volumes_from: ['db:ro', 'container:other'],
  depends_on: { db: { condition: 'service_started', required: true, restart: true } },
};

function createOf(plan: Plan, service: string): CreateContainer | undefined {
  const actions = plan.steps.map(({ action }) => action);
  return actions.find(
    (action): action is CreateContainer =>
      action.kind === 'create-container' && action.container.service === service,
  );
}

test('what is shared with a container that is yet to be made is filled in when it is there', () => {
  const plan = planUp(stackOf({ db: { image }, sidecar }), nothing, {});
  expect(planText(plan)).toContain('create:sidecar-1 (it does not exist) after pull:alpine, start:db-1');
  const action = createOf(plan, 'sidecar');
  const placeholder = action?.newcomers[0]?.placeholder ?? '';
  expect(action?.newcomers.map(({ container }) => container.name)).toEqual(['shop-db-1']);
  expect(action?.service.network_mode).toBe(`container:${placeholder}`);
  expect(action?.service.pid).toBe(`container:${placeholder}`);
  // The engine is told that they are read-only; the hash of Docker Compose does not know of it.
  expect(action?.volumesFrom).toEqual([`${placeholder}:ro`, 'other']);
  expect(action?.service.volumes_from).toEqual([placeholder, 'other']);
  expect(action?.hashed).toContain(`"network_mode":"container:${placeholder}"`);
});

test('what is shared with a container that stays is said by its id, and is no reason for a change', () => {
  const stack = stackOf({ db: { image }, sidecar });
  const db = runningContainer(stack, 'db');
  const resolved = withContainers(sidecar, () => db.id);
  const own = runningContainer(stack, 'sidecar');
  const { variables } = discover(stack, 'sidecar', sidecar);
  const observed = {
    ...runningState(stack),
    containers: [db, { ...own, labels: identityLabels(stack, resolved, variables) }],
  };
  expect(planText(planUp(stack, observed, {}))).toEqual([]);
  const without = { ...observed, containers: [db] };
  const action = createOf(planUp(stack, without, {}), 'sidecar');
  expect(action).toMatchObject({ newcomers: [], volumesFrom: [`${db.id}:ro`, 'other'] });
  expect(action?.hashed).toBeUndefined();
});

test('a container is made anew with the one it shares something with', () => {
  const before = stackOf({ db: { image }, sidecar });
  const stack = stackOf({ db: { image, user: 'redis' }, sidecar });
  const db = runningContainer(before, 'db');
  const own = runningContainer(before, 'sidecar');
  const labels = identityLabels(
    before,
    withContainers(sidecar, () => db.id),
    {},
  );
  const observed = { ...runningState(before), containers: [db, { ...own, labels }] };
  const plan = planText(planUp(stack, observed, {}));
  expect(plan.find((line) => line.startsWith('create:sidecar-1'))).toBe(
    'create:sidecar-1 (db, whose processes it shares, is made anew) after start:db-1',
  );
});

test('a service cannot share what is not there', () => {
  const stack = stackOf({ db: { image, scale: 0 }, sidecar });
  expect(() => planUp(stack, nothing, {})).toThrow(
    'db, whose processes sidecar shares, is to have no container',
  );
});
