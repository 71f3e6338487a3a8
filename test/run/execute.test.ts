import { expect, test } from 'vitest';
import type { EventBody } from '../../src/model/event.ts';
import type { Action, Plan, Step } from '../../src/model/plan.ts';
import { failure } from '../../src/model/problem.ts';
import { execute } from '../../src/run/execute.ts';

const pull = (image: string): Action => ({ kind: 'pull-image', service: image, image });
const step = (id: string, after: string[] = []): Step => ({
  id,
  action: pull(id),
  because: 'test',
  after,
  path: 'x',
});
const planOf = (...steps: Step[]): Plan => ({ stack: { name: 'p', directory: '/' }, steps, warnings: [] });

/** Runs a plan whose actions end when the test says so. */
function run(plan: Plan, signal: AbortSignal = new AbortController().signal) {
  const running = new Map<string, { finish: () => void; fail: (error: unknown) => void }>();
  const events: EventBody[] = [];
  const execution = execute(plan, {
    signal,
    emit: (event) => events.push(event),
    perform: (action) =>
      new Promise((finish, fail) => {
        running.set((action as { image: string }).image, { finish, fail });
      }),
  });
  const told = (type: EventBody['type']): string[] =>
    events.filter((event) => event.type === type).map((event) => (event as { id: string }).id);
  return { execution, running, told, events };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('everything that can begins at once, what follows begins when the last of its steps has succeeded', async () => {
  const { execution, running, told } = run(planOf(step('a'), step('b'), step('c', ['a', 'b'])));
  await turn();
  expect(told('step-started')).toEqual(['a', 'b']);
  running.get('a')?.finish();
  await turn();
  expect(told('step-started')).toEqual(['a', 'b']);
  running.get('b')?.finish();
  await turn();
  expect(told('step-started')).toEqual(['a', 'b', 'c']);
  running.get('c')?.finish();
  expect(await execution).toEqual({ problems: [] });
});

test('a failure takes along what follows it and nothing else', async () => {
  const { execution, running, told } = run(
    planOf(step('a'), step('b'), step('c', ['a']), step('d', ['c']), step('e', ['b'])),
  );
  await turn();
  running.get('a')?.fail(failure({ code: 'image-not-found', message: 'no' }));
  running.get('b')?.finish();
  await turn();
  running.get('e')?.finish();
  const { problems } = await execution;
  expect(problems).toEqual([{ code: 'image-not-found', severity: 'error', message: 'no', path: 'x' }]);
  expect(told('step-skipped')).toEqual(['c', 'd']);
  expect(told('step-finished')).toEqual(['b', 'e']);
});

test('an optional dependency that fails is told as a warning and holds nothing up', async () => {
  const wait: Action = {
    kind: 'await-condition',
    service: 's',
    condition: 'healthy',
    containers: [],
    optional: true,
  };
  const plan = planOf({ ...step('w'), action: wait }, step('x', ['w']));
  const events: EventBody[] = [];
  const { problems } = await execute(plan, {
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
    perform: (action) =>
      action.kind === 'await-condition'
        ? Promise.reject(failure({ code: 'service-unhealthy', message: 'sick' }))
        : Promise.resolve(),
  });
  expect(problems).toEqual([]);
  expect(events.find((event) => event.type === 'step-failed')).toMatchObject({
    problem: { severity: 'warning' },
  });
  expect(events.at(-1)).toMatchObject({ type: 'step-finished', id: 'x' });
});

test('nothing begins after an interrupt, and what it broke off is no failure', async () => {
  const interrupt = new AbortController();
  const { execution, running, told } = run(planOf(step('a'), step('b', ['a'])), interrupt.signal);
  await turn();
  interrupt.abort();
  running.get('a')?.fail(new Error('aborted'));
  expect(await execution).toEqual({ problems: [] });
  expect(told('step-skipped')).toEqual(['a', 'b']);
  expect(told('step-failed')).toEqual([]);
});
