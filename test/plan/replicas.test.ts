import { expect, test } from 'vitest';
import type { ObservedContainer, ObservedState } from '../../src/model/observed.ts';
import type { Service } from '../../src/model/stack.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';

/** A stack of which these replicas of `web` run; `changed` are those of a former configuration. */
function running(
  service: Service,
  numbers: readonly number[],
  changed: readonly number[] = [],
): ObservedState {
  const stack = stackOf({ web: service });
  const former = stackOf({ web: { ...service, user: 'former' } });
  const containers = numbers.map((number): ObservedContainer => {
    const like = runningContainer(changed.includes(number) ? former : stack, 'web');
    return { ...like, id: `id-${number}`, number, name: `shop-web-${number}` };
  });
  return { ...runningState(stack), containers };
}

test('as many containers as the file says, each once its own is there', () => {
  const stack = stackOf({
    web: { image, deploy: { replicas: 2 } },
    api: { image, depends_on: { web: { condition: 'service_healthy', required: true } } },
  });
  expect(planText(planUp(stack, nothing, {}))).toEqual([
    'create-network:default (it does not exist)',
    'pull:redis:7 (the image is not on this machine)',
    'create:web-1 (it does not exist) after pull:redis:7, create-network:default',
    'start:web-1 (it is to run) after create:web-1',
    'create:web-2 (it does not exist) after pull:redis:7, create-network:default',
    'start:web-2 (it is to run) after create:web-2',
    'await:web:healthy (api waits for it) after start:web-1, start:web-2',
    'create:api-1 (it does not exist) after pull:redis:7, create-network:default',
    'start:api-1 (it is to run) after create:api-1, await:web:healthy',
  ]);
});

test('more are numbered on from the highest, gaps stay', () => {
  const stack = stackOf({ web: { image, scale: 4 } });
  expect(planText(planUp(stack, running({ image }, [1, 3]), {}))).toEqual([
    'create:web-4 (it does not exist)',
    'start:web-4 (it is to run) after create:web-4',
    'create:web-5 (it does not exist)',
    'start:web-5 (it is to run) after create:web-5',
  ]);
});

test('of too many those that are out of date go first, then the highest numbers', () => {
  const stack = stackOf({ web: { image, scale: 2 } });
  expect(planText(planUp(stack, running({ image }, [1, 2, 3, 4], [1]), {}))).toEqual([
    'stop:id-1 (there are to be 2 containers)',
    'remove:id-1 (there are to be 2 containers) after stop:id-1',
    'stop:id-4 (there are to be 2 containers)',
    'remove:id-4 (there are to be 2 containers) after stop:id-4',
  ]);
});

test('none is none, and nobody waits for them', () => {
  const stack = stackOf({
    web: { image, scale: 0 },
    api: { image, depends_on: { web: { condition: 'service_healthy', required: true } } },
  });
  const plan = planText(planUp(stack, running({ image }, [1]), {}));
  expect(plan.filter((line) => line.includes('web') || line.includes('id-1'))).toEqual([
    'stop:id-1 (there are to be 0 containers)',
    'remove:id-1 (there are to be 0 containers) after stop:id-1',
  ]);
  expect(plan).toContain('start:api-1 (it is to run) after create:api-1');
});

test('a link leads to all containers of a service', () => {
  const stack = stackOf({ web: { image, scale: 2 }, api: { image, links: ['web:site'] } });
  const [action] = planUp(stack, nothing, {}).steps.flatMap((step) =>
    step.action.kind === 'create-container' && step.action.container.service === 'api' ? [step.action] : [],
  );
  expect(action?.links).toEqual([
    'shop-web-1:site',
    'shop-web-1:web-1',
    'shop-web-1:shop-web-1',
    'shop-web-2:site',
    'shop-web-2:web-2',
    'shop-web-2:shop-web-2',
  ]);
});
