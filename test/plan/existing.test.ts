import { expect, test } from 'vitest';
import { planKill, planPause, planRemove } from '../../src/plan/each.ts';
import { planRestart } from '../../src/plan/restart.ts';
import { planStart } from '../../src/plan/start.ts';
import { planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const started = { condition: 'service_started', required: true } as const;
const stack = stackOf({
  web: { image: 'web', depends_on: { api: { ...started, restart: true } } },
  api: { image: 'api', depends_on: { db: { condition: 'service_healthy', required: true } } },
  db: { image: 'redis' },
});
const project = { name: 'shop', directory: '/' };
const id = (name: string): string => `${name}-id-0123456789abcdef`;
const ended = { state: 'exited', exitCode: 0 } as const;
const container = (name: string, changes = {}) => runningContainer(stack, name, changes);
const allEnded = { containers: ['api', 'db', 'web'].map((name) => container(name, ended)) };

test('start begins with what others depend on and waits as they ask', () => {
  const steps = [
    'start:db-1 (it does not run)',
    'await:db:healthy (api waits for it) after start:db-1',
    'start:api-1 (it does not run) after await:db:healthy',
    'start:web-1 (it does not run) after start:api-1',
  ];
  expect(planText(planStart(stack, stack, allEnded, {}))).toEqual(steps);
  expect(planText(planStart(project, undefined, allEnded, {}))).toEqual(steps);
});

test('start of a service takes along only what it depends on, and nothing that runs', () => {
  const containers = [container('api', ended), container('db'), container('web', ended)];
  expect(planText(planStart(stack, stack, { containers }, { services: ['api'] }))).toEqual([
    'await:db:healthy (api waits for it)',
    'start:api-1 (it does not run) after await:db:healthy',
  ]);
  expect(planStart(stack, stack, runningState(stack), {}).steps).toEqual([]);
});

test('what runs already keeps the order of what it stands between', () => {
  const containers = [
    container('api', { health: 'healthy' }),
    container('db', ended),
    container('web', ended),
  ];
  expect(planText(planStart(stack, stack, { containers }, {}))).toEqual([
    'start:db-1 (it does not run)',
    'start:web-1 (it does not run) after start:db-1',
  ]);
});

test('start tells of services without a container, and fails if there is none at all', () => {
  const { steps, warnings } = planStart(stack, stack, { containers: [container('db', ended)] }, {});
  expect(steps.map((step) => step.id)).toEqual(['start:db-1']);
  expect(warnings.map(({ message }) => message)).toEqual([
    'service "api" has no container to start',
    'service "web" has no container to start',
  ]);
  expect(() => planStart(stack, stack, { containers: [] }, { services: ['db'] })).toThrow(
    'service "db" has no container to start',
  );
  expect(() => planStart(project, undefined, { containers: [] }, {})).toThrow(
    'no container found for project "shop"',
  );
  expect(() => planStart(project, undefined, allEnded, { services: ['wob'] })).toThrow(
    'no such service: wob',
  );
});

test('start refuses what would wait for ever', () => {
  const containers = [container('api', ended), container('web', ended)];
  const message = 'api is missing dependency db';
  expect(() => planStart(stack, stack, { containers }, {})).toThrow(message);
  expect(() => planStart(project, undefined, { containers }, { services: ['web'] })).toThrow(message);
  const running = [container('api'), container('web', ended)];
  expect(planStart(stack, stack, { containers: running }, {}).steps.map((step) => step.id)).toEqual([
    'start:web-1',
  ]);
});

test('restart goes on to those that ask to be restarted, after what they depend on', () => {
  const expected = [
    `restart:${id('api')} (it was asked for)`,
    `restart:${id('web')} (api restarts) after restart:${id('api')}`,
  ];
  const state = runningState(stack);
  expect(planText(planRestart(stack, stack, state, { services: ['api'] }))).toEqual(expected);
  expect(planText(planRestart(project, undefined, state, { services: ['api'] }))).toEqual(expected);
  expect(planText(planRestart(stack, stack, state, { services: ['api'], alone: true }))).toEqual([
    `restart:${id('api')} (it was asked for)`,
  ]);
});

test('restart of all is for all, also for what has ended; no more waits than restarts ask for', () => {
  const plan = planRestart(stack, stack, allEnded, { timeout: 4 });
  expect(plan.steps.map(({ action, after }) => [action.kind, after])).toEqual([
    ['restart-container', []],
    ['restart-container', []],
    ['restart-container', [`restart:${id('api')}`]],
  ]);
  expect(plan.steps.every(({ action }) => 'timeout' in action && action.timeout === 4)).toBe(true);
});

test('a signal goes to what runs, one-off containers too', () => {
  const once = container('web', { id: 'once', name: 'shop-web-run-1', oneOff: true });
  const containers = [container('web'), once, container('db', ended)];
  const plan = planKill(project, { containers }, { services: undefined, signal: 'HUP' });
  expect(plan.steps.map((step) => step.id)).toEqual([`kill:${id('web')}`, 'kill:once']);
  expect(plan.steps.every(({ action }) => 'signal' in action && action.signal === 'HUP')).toBe(true);
  expect(planKill(project, { containers }, { services: ['db'] }).steps).toEqual([]);
});

test('pausing what is paused and letting go on what runs are nothing to do', () => {
  const containers = [container('web', { state: 'paused' }), container('db'), container('api', ended)];
  const ids = (pause: boolean): string[] =>
    planPause(project, { containers }, { services: undefined, pause }).steps.map((step) => step.id);
  expect(ids(true)).toEqual([`pause:${id('db')}`]);
  expect(ids(false)).toEqual([`unpause:${id('web')}`]);
});

test('rm removes what has ended, and with stop also what runs, dependants first', () => {
  const containers = [container('api'), container('db'), container('web', ended)];
  const options = { services: undefined, volumes: true };
  const plan = planRemove(project, { containers }, { ...options, stop: false });
  expect(planText(plan)).toEqual([`remove:${id('web')} (it was asked for)`]);
  expect(plan.steps[0]?.action).toMatchObject({ volumes: true });
  expect(planText(planRemove(project, { containers }, { ...options, stop: true }))).toEqual([
    `stop:${id('api')} (it was asked for)`,
    `stop:${id('db')} (it was asked for) after stop:${id('api')}`,
    `remove:${id('api')} (it was asked for) after stop:${id('api')}`,
    `remove:${id('db')} (it was asked for) after stop:${id('db')}`,
    `remove:${id('web')} (it was asked for)`,
  ]);
});
