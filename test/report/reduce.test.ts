import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event, EventBody } from '../../src/model/event.ts';
import { initialView, reduce } from '../../src/report/reduce.ts';
import { waitsFor } from '../../src/report/state.ts';
import { describeDetail } from '../../src/report/summary.ts';
import type { View } from '../../src/report/view.ts';
import { at, container, loaded, logs, recordings, start } from './recording.ts';

function play(...events: readonly (readonly Event[])[]): View {
  return events.flat().reduce(reduce, initialView);
}

function states(view: View): Readonly<Record<string, string>> {
  return Object.fromEntries(view.services.map(({ name, state }) => [name, state]));
}

test('follows a start from the first image to all services', () => {
  expect(states(play(recordings.building))).toEqual({
    rng: 'building',
    hasher: 'building',
    redis: 'pulling',
    worker: 'building',
    webui: 'building',
  });
  expect(play(recordings.building).services[0]?.activity).toBe('[2/3] COPY . .');
  const waiting = play(recordings.waiting);
  expect(states(waiting)).toEqual({
    rng: 'running',
    hasher: 'building',
    redis: 'starting',
    worker: 'waiting',
    webui: 'waiting',
  });
  expect(waitsFor('worker', waiting.plan)).toEqual(['hasher: started', 'redis: healthy']);
  const ready = play(recordings.ready);
  expect(ready).toMatchObject({ phase: 'running', ready: 5, readyMilliseconds: 4200 });
  expect(ready.plan).toMatchObject({ done: 17, failed: 0, skipped: 0, total: 17 });
  expect(ready.watch).toMatchObject({ on: true, services: ['rng', 'hasher', 'worker', 'webui'] });
});

test('tells where services answer: browsers get URLs, each once', () => {
  const addresses = play(recordings.ready).services.map(({ replicas }) =>
    replicas[0]?.addresses.map(({ text }) => text),
  );
  expect(addresses).toEqual([[], [], ['localhost:6379'], [], ['http://127.0.0.1:8000']]);
});

test('takes the end of a container that is replaced for no failure', () => {
  const rng = play(recordings.rebuilt).services[0];
  expect(rng).toMatchObject({ state: 'running', buildMilliseconds: 700 });
  expect(rng?.replicas).toMatchObject([{ id: 'rng1111', formerIds: ['rng0000'], restarts: 0 }]);
  const late = play(recordings.rebuilt, at([62, container('rng', 'exited', { exitCode: 1 })]));
  expect(late.services[0]).toEqual(rng);
  expect(play(recordings.rebuilt).watch.last).toMatchObject({ services: ['rng'], milliseconds: 1200 });
});

test('keeps a failed build in view until the next attempt', () => {
  const broken = play(recordings.broken);
  expect(broken).toMatchObject({ phase: 'running', ready: 4 });
  expect(broken.services[0]).toMatchObject({ state: 'failed', failure: { code: 'build-failed' } });
  expect(broken.problems).toHaveLength(1);
  const again = play(recordings.broken, at([70, { type: 'plan-made', purpose: 'change', steps: [] }]));
  expect(again).toMatchObject({ phase: 'running', ready: 5, problems: [] });
});

test('tells a crash from an end that was asked for', () => {
  expect(play(recordings.crashed).services[3]).toMatchObject({ name: 'worker', state: 'failed' });
  const after = play(recordings.stopped);
  expect(after.phase).toBe('stopped');
  expect(states(after)).toEqual({
    rng: 'gone',
    hasher: 'gone',
    redis: 'gone',
    worker: 'failed',
    webui: 'gone',
  });
  expect(after.services[3]?.replicas[0]).toMatchObject({ exitCode: 1 });
});

const stopping = at(
  [20, { type: 'stop-requested', force: false }],
  [
    20,
    {
      type: 'plan-made',
      purpose: 'stop',
      steps: ['rng', 'redis'].map((service) => ({
        id: `stop:${service}0000`,
        kind: 'stop-container' as const,
        service,
        container: `${service}0000`,
        title: `stop container coins-${service}-1`,
        because: 'it was asked for',
        after: [],
      })),
    },
    { type: 'step-started', id: 'stop:redis0000' },
  ],
  [21, { type: 'step-finished', id: 'stop:redis0000', milliseconds: 900 }],
);

test('what a step has stopped is stopped, whatever is heard late', () => {
  const late = container('redis', 'running', { health: 'healthy' });
  for (const view of [
    play(recordings.ready, stopping),
    play(recordings.ready, stopping, at([22, late])),
    play(recordings.ready, stopping, at([22, container('redis', 'exited', { exitCode: 137 }), late])),
  ]) {
    expect(states(view)).toMatchObject({ rng: 'running', redis: 'stopped' });
    expect(view.services[2]?.replicas[0]).toMatchObject({ container: 'exited', addresses: [], restarts: 0 });
  }
  const removed = recordings.stopped.filter(
    ({ type, at: when }) => type !== 'container-changed' || when < start + 20_000,
  );
  expect(states(play(removed))).toMatchObject({ rng: 'gone', redis: 'gone' });
});

test('what was stopped to be started again runs again', () => {
  const step = { service: 'redis', because: 'its dependency changed', after: [] };
  const view = play(
    recordings.ready,
    at([
      30,
      {
        type: 'plan-made',
        purpose: 'change',
        steps: [
          { ...step, id: 'stop', kind: 'stop-container', container: 'redis0000', title: 'stop' },
          { ...step, id: 'start', kind: 'start-container', title: 'start' },
        ],
      },
      { type: 'step-started', id: 'stop' },
      { type: 'step-finished', id: 'stop', milliseconds: 9 },
      container('redis', 'running', { health: 'healthy' }),
      container('redis', 'exited', { exitCode: 137 }),
      { type: 'step-started', id: 'start' },
      container('redis', 'running', { health: 'healthy' }),
      { type: 'step-finished', id: 'start', milliseconds: 9 },
    ]),
  );
  expect(view.services[2]).toMatchObject({ state: 'healthy', replicas: [{ restarts: 0, leaving: false }] });
});

test('what someone else has stopped or removed has not failed, and what they made run has not either', () => {
  const state = (...events: readonly EventBody[]): string | undefined =>
    play(recordings.ready, at(...events.map((event) => [30, event] as const))).services[3]?.state;
  const killed = container('worker', 'exited', { exitCode: 137 });
  expect(state(killed)).toBe('failed');
  expect(state(killed, container('worker', 'gone'))).toBe('gone');
  expect(state(killed, container('worker', 'running'))).toBe('running');
  const stopped = { ...killed, stopped: true } as const;
  expect(state(stopped)).toBe('stopped');
  // An engine may tell of the end before it tells that it was asked for.
  expect(state(killed, stopped)).toBe('stopped');
  const mended = play(
    recordings.broken,
    at([90, container('rng', 'running', { id: 'rng2222' })], [91, container('rng', 'running')]),
  );
  expect(mended.services[0]?.state).toBe('running');
});

test('counts only containers that are there', () => {
  const second = { number: 2, id: 'worker2222', name: 'coins-worker-2' };
  const grown = play(recordings.ready, at([30, container('worker', 'running', second)]));
  const detail = (view: View): string =>
    view.services.flatMap((service) => (service.name === 'worker' ? describeDetail(service, view) : []))[0] ??
    '';
  expect(detail(grown)).toBe('2/2');
  expect(detail([...at([31, container('worker', 'gone', second)])].reduce(reduce, grown))).toBe('');
});

test('follows steps to the end where nobody follows the containers', () => {
  const unheard = recordings.stopped.filter(
    ({ type }) => type !== 'container-changed' && type !== 'stack-stopped',
  );
  expect(states(play(unheard))).toMatchObject({ rng: 'gone', webui: 'gone' });
});

test('counts how often a container came back by itself', () => {
  const view = play(
    recordings.ready,
    at([10, container('worker', 'restarting', { exitCode: 1 })], [11, container('worker', 'running')]),
  );
  expect(view.services[3]?.replicas[0]).toMatchObject({ restarts: 1, startedAt: start + 11_000 });
});

test('knows jobs that are done, killed for memory and found stopped', () => {
  const state = (change: EventBody): string | undefined =>
    play(recordings.ready, at([10, change])).services[3]?.state;
  expect(state(container('worker', 'exited', { exitCode: 0 }))).toBe('done');
  expect(state(container('worker', 'exited', { exitCode: 137, outOfMemory: true }))).toBe('failed');
  const found = play(at([0, loaded], [1, container('worker', 'exited', { exitCode: 143 })]));
  expect(found.services[3]?.state).toBe('stopped');
});

test('counts on the steps alone where nobody follows the containers', () => {
  const view = play(recordings.ready.filter(({ type }) => type !== 'container-changed'));
  expect(view).toMatchObject({ phase: 'running', ready: 5 });
  const unchanged = play(at([0, loaded], [1, { type: 'stack-ready', milliseconds: 9, changed: false }]));
  expect(unchanged.ready).toBe(5);
});

test('skips what cannot start and fails as a whole when the plan is through', () => {
  const [first, ...rest] = recordings.building.filter(({ type }) => type !== 'step-started');
  const plan = rest.find((event) => event.type === 'plan-made');
  if (first === undefined || plan?.type !== 'plan-made') throw new Error('the recording has changed');
  const skipped = plan.steps
    .filter(({ id }) => id !== 'build:coins-rng')
    .map(({ id }): EventBody => ({ type: 'step-skipped', id, because: 'interrupted' }));
  const problem = { code: 'build-failed', severity: 'error', message: 'no' } as const;
  const view = play(
    [first, plan],
    at([1, { type: 'step-failed', id: 'build:coins-rng', milliseconds: 9, problem }, ...skipped]),
  );
  expect(view.phase).toBe('failed');
  expect(view.plan).toMatchObject({ failed: 1, skipped: 16, settledAt: start + 1000 });
  expect(states(view)).toMatchObject({ rng: 'failed', hasher: 'skipped', webui: 'skipped' });
});

test('an optional condition that is not met fails nothing', () => {
  const problem = {
    code: 'service-unhealthy',
    severity: 'warning',
    message: 'redis is not healthy',
  } as const;
  const view = play(
    recordings.waiting,
    at([4, { type: 'step-failed', id: 'await:redis:healthy', milliseconds: 9, problem }]),
  );
  expect(view.plan?.failed).toBe(0);
  expect(view.problems).toEqual([problem]);
});

test('keeps the last lines of output only', () => {
  const many = Array.from({ length: 50 }, (_, line) => `line ${line}`);
  const tail = play(recordings.ready, at([9, logs('rng', many)])).services[0]?.tail;
  expect(tail?.map(({ text }) => text)).toEqual(many.slice(-10));
});

/** Events of all recordings, each taken out of its place. */
const anyEvent = fc.constantFrom(...Object.values(recordings).flat());

test('gives a valid view for any events in any order', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 80 }), (events) => {
      let view: View = initialView;
      for (const event of events) {
        const before = structuredClone(view);
        const next = reduce(view, event);
        expect(view).toEqual(before);
        view = next;
        expectValid(view);
      }
    }),
    { numRuns: 200 },
  );
});

function expectValid(view: View): void {
  const { plan, services } = view;
  const names = services.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(view.ready).toBe(
    services.filter(({ state }) => ['running', 'healthy', 'done'].includes(state)).length,
  );
  expect(view.problems.length).toBeLessThanOrEqual(50);
  for (const { replicas, tail, since } of services) {
    const numbers = replicas.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(tail.length).toBeLessThanOrEqual(10);
    expect(since).toBeGreaterThan(0);
    for (const { id, formerIds } of replicas) expect(formerIds).not.toContain(id);
  }
  if (plan === undefined) return;
  expect(plan.total).toBe(plan.steps.size);
  const ended = plan.done + plan.failed + plan.skipped;
  expect(ended).toBeLessThanOrEqual(plan.total);
  if (ended === plan.total) expect(plan.settledAt).toBeDefined();
}
