import { expect, test } from 'vitest';
import type { Service } from '../../src/model/stack.ts';
import { dependantsOfPrograms, planProvided, withProvided } from '../../src/plan/provided.ts';
import { planDown } from '../../src/plan/stop.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningState, stackOf } from '../helpers/stack.ts';

const needs = (...names: string[]): Pick<Service, 'depends_on'> => ({
  depends_on: Object.fromEntries(
    names.map((name) => [name, { condition: 'service_healthy', required: true } as const]),
  ),
});

const stack = stackOf(
  {
    web: {
      image: 'web',
      ...needs('db'),
      models: { 'my-llm': null, two: { model_var: 'M', endpoint_var: 'E' } },
    },
    db: { provider: { type: 'cloud' }, ...needs('net'), scale: 2 },
    net: { provider: { type: 'cloud' } },
    far: { image: 'far', ...needs('web') },
  },
  { models: { 'my-llm': { model: 'ai/a' }, two: { model: 'ai/b' } } },
);

test('programs do their part in the order of what they stand for; models are prepared beside them', () => {
  expect(planText(planProvided(stack))).toEqual([
    'provide:net (a program stands for it)',
    'provide:db (a program stands for it) after provide:net',
    'model:my-llm (a service uses it)',
    'model:two (a service uses it)',
  ]);
});

test('what they tell is in the environment of those that depend on them, above what the file says', () => {
  const own = stackOf(
    { ...stack.services, web: { ...stack.services.web, environment: { DB_URL: 'mine', A: 'b' } } },
    { models: stack.models },
  );
  const told = withProvided(own, [
    { kind: 'variables', service: 'db', variables: { DB_URL: 'theirs' } },
    { kind: 'endpoint', model: 'my-llm', url: 'http://r' },
    { kind: 'endpoint', model: 'two', url: 'http://r' },
  ]);
  expect(told.services.web?.environment).toEqual({
    A: 'b',
    DB_URL: 'theirs',
    MY_LLM_MODEL: 'ai/a',
    MY_LLM_URL: 'http://r',
    M: 'ai/b',
    E: 'http://r',
  });
  expect(told.services.far).toEqual(own.services.far);
});

test('a service that a program stands for has no container, no image and no address, and is not waited for', () => {
  const steps = planText(planUp(stack, nothing, { until: 'ready' }));
  expect(steps.filter((line) => /db|net-/.test(line))).toEqual([]);
  expect(steps).toContain('start:web-1 (it is to run) after create:web-1');
  const create = planUp(stack, nothing, {}).steps.find(({ id }) => id === 'create:web-1');
  expect(create?.action).toMatchObject({ discovery: {} });
});

test('where it is not known what they tell, nothing is replaced because of it', () => {
  const undetermined = dependantsOfPrograms(stack);
  expect([...undetermined]).toEqual(['web', 'db']);
  const told = withProvided(stack, [{ kind: 'variables', service: 'db', variables: { DB_URL: 'x' } }]);
  const observed = runningState(stackOf({ web: told.services.web ?? {}, far: told.services.far ?? {} }));
  expect(planText(planUp(stack, observed, {}))).not.toEqual([]);
  expect(planText(planUp(stack, observed, { undetermined }))).toEqual([]);
});

test('what programs provided goes after all that used it, dependants first', () => {
  const observed = runningState(stackOf({ web: stack.services.web ?? {} }));
  expect(planText(planDown(stack, stack, observed, {}))).toEqual(
    expect.arrayContaining([
      'withdraw:db (the stack goes down) after remove:web-id-0123456789abcdef',
      'withdraw:net (the stack goes down) after remove:web-id-0123456789abcdef, withdraw:db',
    ]),
  );
  const named = planText(planDown(stack, stack, observed, { services: ['web'] }));
  expect(named.filter((line) => line.startsWith('withdraw'))).toEqual([]);
});
