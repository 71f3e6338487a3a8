import { expect, test } from 'vitest';
import { changedContainers, withDifferences } from '../../src/plan/differences.ts';
import { planUp } from '../../src/plan/up.ts';
import { runningState, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';
const place = (line: number) => ({ file: '/work/shop/stack.yaml', line, column: 9 });
const stack = stackOf(
  { web: { image, environment: { DB_HOST: 'b' } }, db: { image: 'postgres:17' } },
  { directory: '/work/shop', origins: { 'services.web.environment.DB_HOST': place(14) } },
);
const former = stackOf({ web: { image, environment: { DB_HOST: 'a' } }, db: { image: 'postgres:17' } });
const plan = planUp(stack, runningState(former), {});

test('only containers whose configuration changed are compared', () => {
  expect(changedContainers(plan).map(({ id, action }) => [id, action.container.service])).toEqual([
    [runningState(former).containers[0]?.id, 'web'],
  ]);
  expect(changedContainers(planUp(stack, runningState(stack), { forceRecreate: true }))).toEqual([]);
});

test('reasons name what differs, with its place; credentials are masked, long lists end', () => {
  const differences = [
    { path: 'environment.DB_HOST', from: 'a', to: 'b' },
    { path: 'environment.DB_PASSWORD', from: 'secret-1', to: 'secret-2' },
    { path: 'user', to: '1000' },
    { path: 'tty', from: 'true' },
    { path: 'init', from: 'true' },
  ];
  const name = `${stack.name}-web-1`;
  const told = withDifferences(plan, stack, new Map([[name, differences]])).steps;
  expect(told.map(({ because }) => because)).toEqual([
    'environment.DB_HOST: a → b, stack.yaml:14:9; environment.DB_PASSWORD: ******** → ********; ' +
      'user: (none) → 1000; and 2 more',
    'another one takes its place',
    'another one takes its place',
    'the name is free',
    'it is to run',
  ]);
});

test('where the engine tells no difference the reason stays', () => {
  expect(withDifferences(plan, stack, new Map()).steps).toEqual(plan.steps);
});
