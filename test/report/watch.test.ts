import { expect, test } from 'vitest';
import type { Event, EventBody, PlannedStep } from '../../src/model/event.ts';
import { withoutOutput } from '../../src/report/adapt.ts';
import { composeReporter } from '../../src/report/compose.ts';
import { plainReporter } from '../../src/report/plain.ts';
import { initialView, reduce } from '../../src/report/reduce.ts';

const step = (kind: PlannedStep['kind'], service: string, number = 1): PlannedStep => ({
  id: `${kind}:${service}-${number}`,
  kind,
  service,
  title: `${kind} shop-${service}-${number}`,
  because: 'a changed',
  after: [],
});

const summary = (name: string) => ({ name, image: name, built: true, dependsOn: [] });
const loaded: EventBody = {
  type: 'stack-loaded',
  name: 'shop',
  directory: '/shop',
  files: [],
  services: [summary('web'), summary('api')],
};
const changed = (
  service: string,
  responses: readonly ('rebuild' | 'sync' | 'restart' | 'exec')[],
): EventBody => ({
  type: 'files-changed',
  paths: ['/shop/a', '/shop/b'],
  services: [service],
  responses,
});
const plan = (...steps: readonly PlannedStep[]): EventBody => ({
  type: 'plan-made',
  purpose: 'change',
  steps,
});
const ended = (one: PlannedStep): EventBody => ({ type: 'step-finished', id: one.id, milliseconds: 10 });

/** One event each 100 ms. */
const timed = (bodies: readonly EventBody[]): readonly Event[] =>
  bodies.map((body, index) => ({ ...body, at: 1000 + index * 100 }));

const build = step('build-image', 'web');
const sync = step('sync-files', 'api');

test('what is under way for one service goes on when another one changes', () => {
  const bodies = [
    loaded,
    changed('web', ['rebuild']),
    plan(build),
    changed('api', ['sync']),
    plan(sync),
    ended(sync),
  ];
  const before = timed(bodies).reduce(reduce, initialView);
  expect(before.plan?.settledAt).toBeUndefined();
  expect([...(before.plan?.steps.values() ?? [])].map(({ id, state }) => [id, state])).toEqual([
    [build.id, 'pending'],
    [sync.id, 'done'],
  ]);
  const after = timed([...bodies, ended(build)]).reduce(reduce, initialView);
  expect(after.plan?.settledAt).toBeDefined();
});

test('that the new version answers is told at once, not only when the old one has ended', () => {
  const start = step('start-container', 'web');
  const takeOver = step('take-over', 'web');
  const second = step('take-over', 'web', 2);
  const stop = step('stop-container', 'web');
  const told = plain([
    loaded,
    changed('web', ['rebuild']),
    plan(start, takeOver, second, stop),
    ended(start),
    ended(takeOver),
    ended(second),
    ended(stop),
  ]);
  expect(told.filter((line) => line.startsWith('●'))).toEqual([
    '● web  runs the change 0.4s after the save',
    '● web  rebuilt in 0.5s',
  ]);
});

test('a save, what it leads to and that it is done are told; a sync has no plan to be told', () => {
  const create = step('create-container', 'web');
  const run = step('run-command', 'api');
  expect(
    plain([
      loaded,
      changed('web', ['rebuild']),
      plan(build),
      ended(build),
      plan(create),
      ended(create),
      changed('api', ['sync', 'exec']),
      plan(sync, run),
      ended(sync),
      { type: 'step-progressed', id: run.id, progress: { lines: ['said'] } },
      ended(run),
    ]),
  ).toEqual([
    '◐ shop a and 1 more changed → rebuild web',
    '◐ shop plan: build 1 image',
    '✓ web  build-image shop-web-1 10ms',
    '◐ shop plan: create 1 container',
    '✓ web  create-container shop-web-1 10ms',
    '● web  rebuilt in 0.4s',
    '◐ shop a and 1 more changed → sync and run the command of api',
    '✓ api  sync-files shop-api-1 10ms',
    '◐ api  said',
    '✓ api  run-command shop-api-1 10ms',
    '● api  updated in 0.4s',
  ]);
});

test('an order is told by what it did', () => {
  const told = (...steps: ReturnType<typeof step>[]): string | undefined =>
    plain([loaded, { ...plan(...steps), ordered: true } as EventBody, ...steps.map(ended)]).at(-1);
  expect(told(step('restart-container', 'web'))).toMatch(/^● web +restarted in/);
  expect(told(step('stop-container', 'web'), step('remove-container', 'web'))).toMatch(/^● web +removed in/);
  expect(told(step('stop-container', 'web'), step('create-container', 'web'))).toMatch(/^● web +updated in/);
});

function plain(bodies: readonly EventBody[]): readonly string[] {
  let text = '';
  const report = plainReporter({
    write: (more) => {
      text += more;
    },
    colour: false,
    directory: '/shop',
  });
  for (const event of timed(bodies)) report(event);
  return text.trimEnd().split('\n');
}

test("Docker Compose's words: a restart is told once for all replicas, output of commands as it is", () => {
  const restarts = [step('restart-container', 'api', 1), step('restart-container', 'api', 2)] as const;
  const run = step('run-command', 'api');
  const bodies: readonly EventBody[] = [
    loaded,
    { type: 'watch-started', services: ['web', 'api'] },
    changed('web', ['rebuild']),
    plan(build),
    changed('api', ['sync', 'restart', 'exec']),
    plan(sync, ...restarts, run),
    ended(restarts[0]),
    ended(restarts[1]),
    { type: 'step-progressed', id: run.id, progress: { lines: ['said'] } },
    { type: 'step-progressed', id: build.id, progress: { lines: ['#1 building'] } },
    ended(build),
  ];
  let text = '';
  const report = composeReporter({
    tell: () => {},
    write: (stream, more) => {
      expect(stream).toBe('stdout');
      text += more;
    },
    colour: false,
    complain: () => {},
    statusOf: () => undefined,
  });
  for (const event of timed(bodies)) report(event);
  expect(text.trimEnd().split('\n')).toEqual([
    'Watch enabled',
    'Rebuilding service(s) ["web"] after changes were detected...',
    'Syncing service "api" after 2 changes were detected',
    'service(s) ["api"] restarted',
    'said',
    'service(s) ["web"] successfully built',
  ]);
});

test('quiet builds: what they write is left out, that they have ended is not', () => {
  const heard: string[] = [];
  const listener = withoutOutput(({ type }) => heard.push(type), ['build-image']);
  const progress = (id: string): EventBody => ({ type: 'step-progressed', id, progress: {} });
  for (const event of timed([plan(build), plan(sync), progress(build.id), progress(sync.id), ended(build)]))
    listener(event);
  expect(heard).toEqual(['plan-made', 'plan-made', 'step-progressed', 'step-finished']);
});

test('what the files of the stack say is told with its steps, and what waits for someone with what it removes', () => {
  const saved = (plan: readonly string[], removes: readonly string[], asks = false): EventBody => ({
    type: 'stack-changed',
    files: ['/shop/stack.yaml'],
    services: ['web'],
    plan,
    removes,
    asks,
  });
  const lines = ['remove container shop-old-1: the file has no such service'];
  const bodies = [
    loaded,
    saved(['replace container shop-web-1: so'], []),
    saved(lines, ['shop-old-1'], true),
  ];
  const written: string[] = [];
  const report = plainReporter({ write: (text) => written.push(text), colour: false, directory: '/shop' });
  for (const event of timed([...bodies, saved([], [])])) report(event);
  expect(written.join('')).toBe(`◐ shop stack.yaml changed
  replace container shop-web-1: so
‖ shop stack.yaml changed, which is not applied yet: it removes shop-old-1
  remove container shop-old-1: the file has no such service
  hint: apply it with: stack up -d --remove-orphans
✓ shop stack.yaml changed: nothing to do
`);
  const waiting = timed(bodies).reduce(reduce, initialView);
  expect(waiting.unapplied?.removes).toEqual(['shop-old-1']);
  const asBefore = timed([...bodies, saved([], [])]).reduce(reduce, initialView);
  expect(asBefore.unapplied).toBeUndefined();
});
