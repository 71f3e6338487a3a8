import { expect, test } from 'vitest';
import { withChoices } from '../../src/plan/choices.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';
const stack = stackOf(
  {
    web: { image, depends_on: { db: { condition: 'service_started', required: true } } },
    db: {
      image: 'postgres:17',
      networks: { back: null },
      volumes: [{ type: 'volume', source: 'data', target: '/data' }],
    },
  },
  {
    networks: { default: { name: 'shop_default' }, back: { name: 'shop_back' } },
    volumes: { data: { name: 'shop_data' } },
  },
);

test('alone, a service comes without those it depends on and what only they use', () => {
  const alone = withChoices(stack, { services: ['web'], alone: true });
  expect(Object.keys(alone.services)).toEqual(['web']);
  expect(Object.keys(alone.networks)).toEqual(['default']);
  expect(alone.volumes).toEqual({});
  const leftover = { ...runningState(stack), containers: [runningContainer(stack, 'db')] };
  const { steps, warnings } = planUp(alone, leftover, {});
  expect(steps.map(({ id }) => id)).toEqual(['create:web-1', 'start:web-1']);
  // It is left as it is, and is none that the file does not know.
  expect(warnings).toEqual([]);
});

test('a service that shares something finds the container that is left as it is', () => {
  const sharing = stackOf({
    web: {
      image,
      network_mode: 'service:db',
      depends_on: { db: { condition: 'service_started', required: true } },
    },
    db: { image: 'postgres:17' },
  });
  const alone = withChoices(sharing, { services: ['web'], alone: true });
  const { containers, ...rest } = runningState(sharing);
  const db = containers.filter(({ service }) => service === 'db');
  const [create] = planUp(alone, { ...rest, containers: db }, {}).steps;
  expect(create?.action).toMatchObject({
    service: { network_mode: `container:${db[0]?.id}` },
    newcomers: [],
  });
  expect(() => planUp(alone, nothing, {})).toThrow('db, whose network web shares, has no container');
});

test('how many containers, and the policy of every service', () => {
  const chosen = withChoices(stack, { services: [], scale: { web: 2 }, pull: 'always' });
  expect(chosen.services.web).toMatchObject({ scale: 2, pull_policy: 'always' });
  expect(chosen.services.db).toMatchObject({ pull_policy: 'always' });
  expect(chosen.services.db?.scale).toBeUndefined();
  const ids = planText(
    planUp(withChoices(stack, { services: [], scale: { web: 2 } }), runningState(stack), {}),
  );
  expect(ids).toEqual(['create:web-2 (it does not exist)', 'start:web-2 (it is to run) after create:web-2']);
  expect(() => withChoices(stack, { services: [], scale: { webb: 2 } })).toThrow('no such service: webb');
});
