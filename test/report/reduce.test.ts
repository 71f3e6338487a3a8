import { expect, test } from 'vitest';
import type {
  BuildPart,
  ContainerMeasured,
  Event,
  EventBody,
  HealthProbed,
  PlannedStep,
} from '../../src/model/event.ts';
import { initialView, reduce } from '../../src/report/reduce.ts';
import { isReady, waitsFor } from '../../src/report/state.ts';
import type { Steps } from '../../src/report/steps.ts';
import { describeDetail } from '../../src/report/summary.ts';
import type { PlanView, StepView, View } from '../../src/report/view.ts';
import fc from '../helpers/chance.ts';
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
  expect(waitsFor('worker', waiting)).toEqual(['hasher: started', 'redis: healthy']);
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

test('a container beside another one counts once it has taken over, and not at all if it cannot', () => {
  const steps = (['create-container', 'start-container', 'take-over', 'stop-container'] as const).map(
    (kind): PlannedStep => ({
      id: kind,
      kind,
      service: 'rng',
      title: kind,
      because: '',
      after: [],
      ...(kind === 'stop-container' ? { container: 'rng0000' } : {}),
    }),
  );
  const aside = { name: '0123456789ab_coins-rng-1' };
  const beside = play(
    recordings.ready,
    at(
      [20, { type: 'plan-made', purpose: 'change', steps }],
      [20.1, container('rng', 'running', { ...aside, id: 'rng1111' })],
    ),
  );
  const old = [{ id: 'rng0000', state: 'running' }];
  expect(beside.services[0]?.replicas).toMatchObject(old);
  const failed = at([20.2, container('rng', 'gone', { ...aside, id: 'rng1111' })]).reduce(reduce, beside);
  expect(failed.services[0]?.replicas).toMatchObject(old);
  const done = (id: string): EventBody => ({ type: 'step-finished', id, milliseconds: 1 });
  const taken = at(
    [20.2, done('create-container'), done('start-container'), done('take-over')],
    [20.3, container('rng', 'running', { id: 'rng1111' })],
    [20.4, { type: 'step-started', id: 'stop-container' }],
    [20.5, container('rng', 'exited', { ...aside, exitCode: 137 })],
  );
  expect(taken.reduce(reduce, beside).services[0]).toMatchObject({
    state: 'running',
    replicas: [{ id: 'rng1111', state: 'running' }],
  });
});

test('takes the end of a container that is replaced for no failure', () => {
  const rng = play(recordings.rebuilt).services[0];
  expect(rng).toMatchObject({ state: 'running', build: { state: 'done', milliseconds: 700 } });
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

/** A change of one thing, from its plan to the step's end, with what is heard meanwhile. */
function acted(kind: PlannedStep['kind'], service: string, ...heard: readonly EventBody[]): readonly Event[] {
  const step = {
    id: 'act',
    kind,
    service,
    container: `${service}0000`,
    title: kind,
    because: 'x',
    after: [],
  };
  return at([
    40,
    { type: 'plan-made', purpose: 'change', steps: [step] },
    { type: 'step-started', id: 'act' },
    ...heard,
    { type: 'step-finished', id: 'act', milliseconds: 9 },
  ]);
}

test('what is restarted runs on, whether its end was heard of or not', () => {
  const ended = container('rng', 'exited', { exitCode: 137 });
  const runs = container('rng', 'running');
  for (const heard of [[], [runs], [ended, runs]]) {
    const view = play(recordings.ready, acted('restart-container', 'rng', ...heard));
    expect(view.services[0]).toMatchObject({ state: 'running', replicas: [{ restarts: 0, leaving: false }] });
  }
  const late = play(recordings.ready, acted('restart-container', 'rng', ended), at([41, runs]));
  expect(late.services[0]).toMatchObject({ state: 'running', replicas: [{ restarts: 0, leaving: false }] });
});

test('what is paused has not ended', () => {
  const paused = container('rng', 'paused');
  const view = play(recordings.ready, acted('pause-container', 'rng', paused));
  expect(view.services[0]?.state).toBe('paused');
});

test('what one service failed of stays true while another one is changed', () => {
  const view = play(recordings.broken, acted('restart-container', 'worker'));
  expect(view.services[0]).toMatchObject({ state: 'failed', failure: { code: 'build-failed' } });
  expect(view.services[3]).toMatchObject({ state: 'running' });
});

test('knows that files are not watched any more', () => {
  const view = play(recordings.ready, at([20, { type: 'watch-ended' }]));
  expect(view.watch).toEqual({ on: false, services: [] });
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

test('a busy engine that answers only when a container runs again is understood', () => {
  const run = (second: number) => container('worker', 'running', { startedAt: start + second * 1000 });
  const worker = (...events: readonly (readonly [number, EventBody])[]) =>
    play(recordings.ready, at(...events)).services[3]?.replicas[0];
  // What a list of containers tells has no times.
  const listed = container('worker', 'running');
  expect(worker([10, run(9)], [11, listed], [12, run(9)])).toMatchObject({ restarts: 0, quickEnds: 0 });
  expect(worker([10, run(9)], [11, listed], [12, run(11)], [13, run(12)])).toMatchObject({
    restarts: 2,
    quickEnds: 2,
    startedAt: start + 13_000,
  });
  // A list may tell of a run before its beginning is heard.
  const over = container('worker', 'exited', { exitCode: 0, startedAt: start + 9000 });
  expect(worker([10, over], [11, listed], [11, run(11)])).toMatchObject({ restarts: 1 });
  // The end that was heard of is counted once.
  const ended = container('worker', 'restarting', { exitCode: 1, restarts: 1, startedAt: start + 9000 });
  expect(worker([10, run(9)], [11, ended], [12, run(11)])).toMatchObject({ restarts: 1, quickEnds: 1 });
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

const probed = (probe: number, said: string, more: Partial<HealthProbed> = {}): EventBody => ({
  type: 'health-probed',
  service: 'redis',
  number: 1,
  id: 'redis0000',
  probe,
  passed: false,
  said,
  ...more,
});

const measured = (memory: number, more: Partial<ContainerMeasured> = {}): EventBody => ({
  type: 'container-measured',
  service: 'redis',
  number: 1,
  id: 'redis0000',
  cpuPercent: 3,
  memory,
  memoryLimit: 1e9,
  ...more,
});

test('tells what waits how the healthcheck went that it waits for', () => {
  const running = at([3.6, container('redis', 'running', { health: 'starting' })]);
  const waiting = (...events: readonly EventBody[]) =>
    waitsFor('worker', play(recordings.waiting, running, at([3.7, ...events])));
  expect(waiting(probed(3, 'connection refused'))).toEqual([
    'hasher: started',
    'redis: healthy, probe 3, last: connection refused',
  ]);
  expect(waiting(probed(1, ''))).toContain('redis: healthy, probe 1');
  expect(waiting(probed(4, 'PONG', { passed: true }))).toContain('redis: healthy');
  expect(waiting(probed(1, 'too late', { id: 'redis9999' }))).toContain('redis: healthy');
  // What was started again is probed anew.
  const again = [probed(3, 'no'), container('redis', 'restarting'), container('redis', 'running')];
  expect(waiting(...again)).toContain('redis: healthy');
});

test('keeps what a container that runs used, and forgets it with its end', () => {
  const many = Array.from({ length: 70 }, (_, memory) => measured(memory));
  const usage = (...events: readonly EventBody[]) =>
    play(recordings.ready, at([9, ...events])).services[2]?.replicas[0]?.usage;
  expect(usage(...many)).toMatchObject({ memory: 69, memoryHistory: many.slice(-60).map((_, i) => i + 10) });
  expect(usage(...many, container('redis', 'exited'), measured(1))).toBeUndefined();
});

test('knows when each service was ready first', () => {
  const readyAt = (events: readonly Event[]) =>
    Object.fromEntries(play(events).services.map(({ name, readyAt: when }) => [name, (when ?? 0) - start]));
  const followed = readyAt(recordings.ready);
  const alone = readyAt(recordings.ready.filter(({ type }) => type !== 'container-changed'));
  const ends = (id: string) => {
    const end = recordings.ready.find((event) => event.type === 'step-finished' && event.id === id);
    return (end?.at ?? 0) - start;
  };
  expect(alone).toMatchObject({ redis: ends('await:redis:healthy'), webui: ends('start:webui-1') });
  expect(followed.redis).toBeLessThanOrEqual(ends('await:redis:healthy'));
  expect(Object.values(followed).every((when) => when > 0)).toBe(true);
  // What happens later does not change it, until the next start.
  expect(readyAt([...recordings.ready, ...recordings.crashed.slice(recordings.ready.length)])).toEqual(
    followed,
  );
  const again = at([70, { type: 'plan-made', purpose: 'up', steps: [] }]);
  expect(readyAt([...recordings.ready, ...again])).toMatchObject({ redis: 70_000, webui: 70_000 });
});

test('a start goes on with each plan that it needs, and the next one begins anew', () => {
  const step = { kind: 'build-image', service: 'rng', because: 'it is to be fresh', after: [] } as const;
  const fresh: readonly EventBody[] = [
    { type: 'plan-made', purpose: 'up', steps: [{ ...step, id: 'fresh', title: 'build image x' }] },
    { type: 'step-started', id: 'fresh' },
    { type: 'step-finished', id: 'fresh', milliseconds: 90 },
  ];
  const [first, ...rest] = recordings.ready;
  if (first === undefined) throw new Error('the recording has changed');
  const view = play([first], at([0.05, ...fresh]), rest);
  expect(view.startup).toMatchObject({ done: 18, total: 18, madeAt: start + 50 });
  expect(view.startup?.settledAt).toBe(view.plan?.settledAt);
  expect(view.startup?.steps.get('fresh')).toMatchObject({ state: 'done', startedAt: start + 50 });
  expect(play([...recordings.ready], at([70, ...fresh])).startup).toMatchObject({ done: 1, total: 1 });
});

test('what an event is not about stays the very same', () => {
  const before = play(recordings.waiting);
  const written = reduce(before, { ...logs('rng', ['one']), at: start } as Event);
  expect(written.plan).toBe(before.plan);
  expect(written.services.slice(1).every((one, index) => one === before.services[index + 1])).toBe(true);
  const finished: EventBody = { type: 'step-finished', id: 'build:coins-hasher', milliseconds: 1 };
  const after = reduce(before, { ...finished, at: start });
  const same = [...(after.plan?.steps.values() ?? [])].filter(
    (step) => before.plan?.steps.get(step.id) === step,
  );
  expect(same).toHaveLength((before.plan?.total ?? 0) - 1);
  expect(after.services[0]).toBe(before.services[0]);
});

const part = (name: string, more: Partial<BuildPart> = {}): EventBody => ({
  type: 'step-progressed',
  id: 'build:coins-rng',
  progress: { parts: [{ name, state: 'running', ...more }] },
});

test('keeps the steps of a build: how long they took and the end of what they wrote', () => {
  const parts = (...events: readonly EventBody[]) =>
    play(recordings.building, at([2, ...events])).services[0]?.build?.parts;
  const told = parts(
    part('[1/2] FROM a', { state: 'cached', milliseconds: 0 }),
    part('[2/2] RUN b', { lines: ['one'] }),
    part('[2/2] RUN b', { lines: ['two'] }),
    part('[2/2] RUN b', { state: 'done', milliseconds: 300 }),
    part('exporting', { state: 'done', milliseconds: 500 }),
  );
  expect(told).toEqual([
    { name: '[1/2] FROM a', state: 'cached', milliseconds: 0, startedAt: start + 2000, output: [] },
    {
      name: '[2/2] RUN b',
      state: 'done',
      milliseconds: 300,
      startedAt: start + 2000,
      output: ['one', 'two'],
    },
    { name: 'exporting', state: 'done', milliseconds: 500, startedAt: start + 1500, output: [] },
  ]);
  const failed = part('[1/999] RUN x', { state: 'failed', milliseconds: 1 });
  const many = Array.from({ length: 300 }, (_, n) => part(`step ${n}`, { state: 'done', milliseconds: 1 }));
  const kept = parts(failed, ...many) ?? [];
  expect(kept).toHaveLength(200);
  expect([kept[0]?.name, kept[1]?.name, kept.at(-1)?.name]).toEqual([
    '[1/999] RUN x',
    'step 101',
    'step 299',
  ]);
});

/** Events of all recordings, each taken out of its place. */
const recorded = fc.constantFrom(
  ...Object.values(recordings)
    .flat()
    .map(({ at: _, ...body }) => body),
);
const serviceName = fc.constantFrom('rng', 'hasher', 'redis', 'worker', 'webui', 'unknown');
const stepId = fc.constantFrom(
  ...Object.values(recordings)
    .flat()
    .flatMap((event) => (event.type === 'step-started' ? event.id : [])),
  'fresh',
  'no-such-step',
);
const replica = fc
  .record({ service: serviceName, number: fc.integer({ min: 0, max: 2 }), former: fc.boolean() })
  .map(({ former, ...who }) => ({ ...who, id: `${who.service}${former ? '9999' : '0000'}` }));
const problem = fc
  .record({
    severity: fc.constantFrom('error' as const, 'warning' as const),
    message: fc.string(),
    service: serviceName,
  })
  .map((told) => ({ code: 'build-failed' as const, ...told }));

/** Events that no recording has, or only of a few kinds. */
const invented: fc.Arbitrary<EventBody> = fc.oneof(
  fc.tuple(replica, fc.nat()).map(([who, memory]) => measured(memory, who)),
  fc
    .tuple(replica, fc.nat(), fc.string(), fc.boolean())
    .map(([who, probe, said, passed]) => probed(probe, said, { ...who, passed })),
  fc
    .tuple(
      replica,
      fc.constantFrom('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead', 'gone'),
      fc.constantFrom(undefined, 'starting', 'healthy', 'unhealthy'),
      fc.constantFrom(undefined, 0, 1, 137),
    )
    .map(([who, state, health, exitCode]) =>
      container(who.service, state, {
        ...who,
        ...(health === undefined ? {} : { health }),
        ...(exitCode === undefined ? {} : { exitCode }),
      }),
    ),
  fc
    .tuple(
      stepId,
      fc.array(
        fc.record({
          name: fc.nat(300).map((number) => `step ${number}`),
          state: fc.constantFrom(
            'running' as const,
            'done' as const,
            'cached' as const,
            'failed' as const,
            'cancelled' as const,
          ),
          lines: fc.array(fc.string(), { maxLength: 60 }),
        }),
        { maxLength: 50 },
      ),
    )
    .map(([id, parts]): EventBody => ({ type: 'step-progressed', id, progress: { parts } })),
  fc
    .tuple(stepId, problem)
    .map(([id, told]): EventBody => ({ type: 'step-failed', id, milliseconds: 1, problem: told })),
  problem.map((told): EventBody => ({ type: 'problem-found', problem: told })),
  fc
    .tuple(serviceName, fc.array(fc.string(), { maxLength: 30 }))
    .map(([service, lines]) => logs(service, lines)),
  fc.constantFrom<EventBody>(
    { type: 'plan-made', purpose: 'up', steps: [] },
    { type: 'plan-made', purpose: 'change', steps: [] },
    { type: 'plan-made', purpose: 'down', steps: [] },
    {
      type: 'plan-made',
      purpose: 'up',
      steps: [{ id: 'fresh', kind: 'build-image', service: 'rng', title: '', because: '', after: [] }],
    },
    { type: 'stop-requested', force: true },
    { type: 'stack-stopped' },
    { type: 'stack-ready', milliseconds: 1, changed: true },
    { type: 'watch-started', services: ['rng', 'unknown'] },
    { type: 'watch-ended' },
    { type: 'files-changed', paths: ['/x'], services: ['rng', 'unknown'], responses: ['rebuild'] },
    { type: 'output-followed', sources: [] },
    { type: 'output-ended', service: 'rng', number: 1, source: 'rng-1', exitCode: 1, restarting: true },
    { type: 'command-ended', exitCode: 0, milliseconds: 1, errors: 0, services: [] },
  ),
);

/** In any order, also that of a real start, late, early, and again and again. */
const anyEvents = fc
  .tuple(
    fc.constantFrom([], ...Object.values(recordings)),
    fc.array(fc.tuple(fc.oneof(recorded, invented), fc.integer({ min: -60, max: 60 }), fc.boolean()), {
      maxLength: 80,
    }),
  )
  .map(([real, more]) => [
    ...real,
    ...more.flatMap(([body, seconds, twice]) => {
      const event: Event = { ...body, at: start + seconds * 1000 };
      return twice ? [event, event] : [event];
    }),
  ]);

test('gives a valid view for any events in any order, and changes no view it has given', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const view = events.reduce((before, event) => freeze(reduce(before, event)), initialView);
      expectValid(view);
    }),
    { numRuns: 300 },
  );
});

/** What is changed all the same throws. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of 'values' in value ? (value as unknown as Steps).values() : Object.values(value))
    freeze(inner);
  return value;
}

function expectValid(view: View): void {
  const { plan, startup, services } = view;
  const names = services.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(view.ready).toBe(services.filter(({ state }) => isReady(state)).length);
  expect(view.problems.length).toBeLessThanOrEqual(50);
  for (const { replicas, tail, since, name } of services) {
    const numbers = replicas.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(tail.length).toBeLessThanOrEqual(10);
    expect(since).toBeGreaterThan(0);
    expect(waitsFor(name, view)).not.toContain('');
    for (const { id, formerIds, usage } of replicas) {
      expect(formerIds).not.toContain(id);
      expect(formerIds.length).toBeLessThanOrEqual(4);
      expect(usage?.cpuHistory.length ?? 1).toBeLessThanOrEqual(60);
      expect(usage?.memoryHistory.length).toBe(usage?.cpuHistory.length);
    }
  }
  for (const one of [plan, startup]) if (one !== undefined) expectValidPlan(one);
}

function expectValidPlan(plan: PlanView): void {
  const steps = [...plan.steps.values()];
  const count = (wanted: StepView['state']) => steps.filter(({ state }) => state === wanted).length;
  expect(plan).toMatchObject({
    total: steps.length,
    done: count('done'),
    failed: count('failed'),
    skipped: count('skipped'),
  });
  expect([...plan.steps.keys()]).toEqual(steps.map(({ id }) => id));
  for (const step of steps) {
    expect(plan.steps.get(step.id)).toBe(step);
    if (step.service !== undefined) expect(plan.steps.of(step.service)).toContain(step);
    expect(step.output.length).toBeLessThanOrEqual(40);
    expect(step.parts.length).toBeLessThanOrEqual(200);
    for (const { output } of step.parts) expect(output.length).toBeLessThanOrEqual(40);
  }
  if (plan.done + plan.failed + plan.skipped === plan.total) expect(plan.settledAt).toBeDefined();
}
