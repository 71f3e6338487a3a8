import { describe, expect, test } from 'vitest';
import { label } from '../../src/model/labels.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import { planUp } from '../../src/plan/up.ts';
import { nothing, planText, runningContainer, runningState, stackOf } from '../helpers/stack.ts';

const image = 'redis:7';
const started = { condition: 'service_started', required: true } as const;
const done = { condition: 'service_completed_successfully', required: true } as const;
const stack = stackOf({ web: { image, depends_on: { db: started } }, db: { image: 'postgres:17' } });
const former = stackOf({
  web: { image, user: 'old', depends_on: { db: started } },
  db: { image: 'postgres:17', user: 'old' },
});
const ids = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0]);

describe('which containers are replaced', () => {
  const created = (options: Parameters<typeof planUp>[2], observed: ObservedState = runningState(stack)) =>
    planUp(stack, observed, options)
      .steps.map(({ id }) => id)
      .filter((id) => id.startsWith('create:'));

  test('by force those that are chosen, and what they depend on only if that is asked for', () => {
    const options = { forceRecreate: true, chosen: ['web'] };
    expect(created(options)).toEqual(['create:web-1']);
    expect(created({ ...options, recreateDependencies: true })).toEqual(['create:db-1', 'create:web-1']);
    expect(created({ recreateDependencies: true, chosen: ['web'] })).toEqual(['create:db-1']);
  });

  test('none if that is asked for, whatever changed, not even for a network', () => {
    const observed = runningState(former);
    expect(created({}, observed)).toEqual(['create:db-1', 'create:web-1']);
    expect(planUp(stack, observed, { noRecreate: true }).steps).toEqual([]);
    const [network] = observed.networks;
    if (network === undefined) throw new Error('no network');
    const labels = { ...network.labels, [label.configHash]: 'former' };
    const stale = { ...observed, networks: [{ ...network, labels }] };
    expect(planUp(stack, stale, { noRecreate: true }).steps).toEqual([]);
  });
});

test('containers that are not to start are made, and the names change hands', () => {
  expect(planText(planUp(stack, nothing, { start: false }))).toEqual([
    'create-network:default (it does not exist)',
    'pull:postgres:17 (the image is not on this machine)',
    'create:db-1 (it does not exist) after pull:postgres:17, create-network:default',
    'pull:redis:7 (the image is not on this machine)',
    'create:web-1 (it does not exist) after pull:redis:7, create-network:default',
  ]);
  const observed = runningState(former);
  const web = { ...observed, containers: [runningContainer(former, 'web'), runningContainer(stack, 'db')] };
  expect(ids(planText(planUp(stack, web, { start: false })))).toEqual([
    'create:web-1',
    'stop:web-id-0123456789abcdef',
    'remove:web-id-0123456789abcdef',
    'rename:web-1',
  ]);
  const stopped = runningContainer(stack, 'web', { state: 'exited' });
  const ended = { ...runningState(stack), containers: [stopped, runningContainer(stack, 'db')] };
  expect(planUp(stack, ended, { start: false }).steps).toEqual([]);
});

test('new anonymous volumes let no data follow', () => {
  const service = { image, volumes: [{ type: 'volume', target: '/data' }] } as const;
  const own = stackOf({ db: service });
  const name = 'a'.repeat(64);
  const mounts = [{ type: 'volume', name, target: '/data' }];
  const observed = { ...runningState(own), containers: [runningContainer(own, 'db', { mounts })] };
  const inherited = (renewVolumes: boolean) =>
    planUp(own, observed, { forceRecreate: true, renewVolumes }).steps.flatMap(({ action }) =>
      action.kind === 'create-container' ? [action.inheritedVolumes] : [],
    );
  expect(inherited(false)).toEqual([{ '/data': name }]);
  expect(inherited(true)).toEqual([{}]);
});

test('until all is ready: jobs that others need have to be done, what is ready is not waited for', () => {
  const own = stackOf({
    web: { image, depends_on: { job: done } },
    job: { image: 'busybox' },
    db: { image: 'postgres:17' },
  });
  const plan = planUp(own, nothing, { until: 'ready', within: 7 });
  const waits = plan.steps.flatMap(({ action }) => (action.kind === 'await-condition' ? [action] : []));
  expect(waits.map(({ service, condition, within }) => [service, condition, within])).toEqual([
    ['job', 'completed', 7],
    ['web', 'ready', 7],
    ['db', 'ready', 7],
  ]);
  const job = runningContainer(own, 'job', { state: 'exited', exitCode: 0 });
  const web = runningContainer(own, 'web', { health: 'starting' });
  const observed = { ...runningState(own), containers: [job, web, runningContainer(own, 'db')] };
  const again = planUp(own, observed, { until: 'ready', leaveEnded: true });
  expect(planText(again)).toEqual(['await:web:ready (it was asked for)']);
});

test('a timeout is for everything that is stopped', () => {
  const observed = runningState(former);
  const stops = planUp(stack, observed, { timeout: 3 }).steps.flatMap(({ action }) =>
    action.kind === 'stop-container' ? [action.timeout] : [],
  );
  expect(stops).toEqual([3, 3]);
});

test('what is left of commands that were run once counts as orphaned once it has ended', () => {
  const oneOff = (name: string, state: 'running' | 'exited') =>
    runningContainer(stack, 'web', { id: name, name, number: 0, oneOff: true, state });
  const containers = [
    ...runningState(stack).containers,
    oneOff('run-1', 'running'),
    oneOff('run-2', 'exited'),
  ];
  const observed = { ...runningState(stack), containers };
  const { warnings } = planUp(stack, observed, {});
  expect(warnings.map(({ message }) => message)).toEqual(['the command of run-2 has ended']);
  expect(planText(planUp(stack, observed, { removeOrphans: true }))).toEqual([
    'remove:run-2 (its command has ended)',
  ]);
  expect(planUp(stack, observed, { ignoreOrphans: true }).warnings).toEqual([]);
});

test('an image that is missing and must not be built is told', () => {
  const own = stackOf({ web: { build: { context: '/shop' } } });
  expect(() => planUp(own, nothing, { noBuild: true })).toThrow('nothing is to be built');
  const named = stackOf({ web: { image, build: { context: '/shop' } } });
  expect(planUp(named, nothing, { noBuild: true }).steps.map(({ id }) => id)).toContain('pull:redis:7');
});
