import { expect, test } from 'vitest';
import type { ContainerChanged, Event } from '../../src/model/event.ts';
import { dependants, describeEnd, hintFor } from '../../src/report/exits.ts';
import { narrate } from '../../src/report/narrate.ts';
import { initialView, reduce } from '../../src/report/reduce.ts';
import { formatSummary } from '../../src/report/summary.ts';
import type { View } from '../../src/report/view.ts';
import { at, container, directory, logs, recordings, start } from './recording.ts';

const options = { colour: false, ascii: false, directory };
const tail = (text: string) => [{ source: 'worker-1', text }];
const worker = (text = '') => ({ name: 'worker', dependsOn: ['redis'], tail: tail(text) });

/** What is told of events after a stack is up, and what all of them add up to. */
function tell(...events: readonly Event[]): { readonly view: View; readonly told: readonly string[] } {
  let view = recordings.ready.reduce(reduce, initialView);
  const told = events.flatMap((event) => {
    const before = view;
    view = reduce(view, event);
    return narrate(event, before, view, options).flatMap(({ text, details = [] }) => [text, ...details]);
  });
  return { view, told };
}

/** Runs of 0.2 s that end badly, one each second. */
function crashes(count: number, from = 20): Event[] {
  return Array.from({ length: count }, (_, index) =>
    at(
      [from + index, container('worker', 'restarting', { exitCode: 1 })],
      [from + index + 0.8, container('worker', 'running')],
    ),
  ).flat();
}

test('a container that crashes again and again is said to, at every doubling and with its back-off', () => {
  const { told, view } = tell(...at([19.9, container('worker', 'running')]), ...crashes(8));
  // The first run had lasted, so that its end begins no row.
  expect(told.filter((line) => /crash loop/.test(line))).toEqual([
    'crash loop: exit 1, 3 times in a row, next try after 0.4s',
    'crash loop: exit 1, 4 times in a row, next try after 0.8s',
  ]);
  expect(view.services.find(({ name }) => name === 'worker')?.state).toBe('looping');
  expect(formatSummary(view, options)).toContain(
    '✗ worker  crash loop: exit 1, 7 times in a row, started again\n',
  );
});

const api = { name: 'api', image: 'api', built: false, dependsOn: [] };

/** A container that nobody of us has started, as the engine tells of it. */
function found(state: 'running' | 'restarting', run: Partial<ContainerChanged>): readonly string[] {
  const events = at([
    20,
    { type: 'stack-loaded', name: 'shop', directory, files: [], services: [api] },
    container('api', state, run),
  ]);
  let view = initialView;
  return events.flatMap((event) => {
    const before = view;
    view = reduce(view, event);
    return narrate(event, before, view, options).map(({ text }) => text);
  });
}

test('a container that crashed again and again before anyone looked is said to', () => {
  const now = start + 20_000;
  const crashed = { exitCode: 3, startedAt: now - 3500, endedAt: now - 3000 };
  const told = 'crash loop: exit 3, restarted 11 times so far';
  expect(found('restarting', { ...crashed, restarts: 12 })).toEqual([told]);
  expect(found('restarting', { ...crashed, restarts: 1 })).toEqual(['restarting: exit 3']);
  const lasted = { exitCode: 3, startedAt: now - 60_000, endedAt: now - 100, restarts: 12 };
  expect(found('restarting', lasted)).toEqual(['restarting: exit 3']);
  // From how long the engine waited before this run follows how often it has crashed.
  const waited = { startedAt: now - 500, endedAt: now - 10_000, restarts: 11 };
  expect(found('running', waited)).toEqual(['crash loop: ended, restarted 11 times so far']);
  expect(found('running', { ...waited, endedAt: now - 700 })).toEqual([]);
  expect(found('running', { ...waited, restarts: 0 })).toEqual([]);
});

test('that a container came back before anyone looked is not told as if it did now', () => {
  const { told } = tell(
    ...at(
      [20, container('worker', 'gone')],
      [21, container('worker', 'running', { id: 'anew' })],
      [22, container('worker', 'running', { id: 'anew', restarts: 5, startedAt: start })],
    ),
  );
  expect(told).not.toContain('runs again');
});

test('one that has a healthcheck runs again, too', () => {
  const run = (second: number, health: 'starting' | 'healthy') =>
    container('worker', 'running', { health, startedAt: start + second * 1000 });
  const { told } = tell(
    ...at(
      [20, run(19, 'starting')],
      [30, run(19, 'healthy')],
      [40, run(39, 'starting')],
      [45, run(39, 'healthy')],
    ),
  );
  expect(told.slice(-3)).toEqual([
    expect.stringMatching(/^healthy after/),
    'runs again',
    'healthy after 5.0s',
  ]);
});

test('one that was never healthy is not healthy again', () => {
  const run = (health: 'starting' | 'unhealthy' | 'healthy') => container('worker', 'running', { health });
  const { told } = tell(...at([20, run('starting')], [50, run('unhealthy')], [53, run('healthy')]));
  expect(told.at(-1)).toMatch(/^healthy after /);
});

test('one that is unhealthy for a while is told when it is, and for how long it was', () => {
  const health = (word: 'healthy' | 'unhealthy') => container('worker', 'running', { health: word });
  const { told } = tell(
    ...at([20, health('healthy')], [4000, health('unhealthy')], [7600, health('healthy')]),
  );
  expect(told.slice(-2)).toEqual(['unhealthy', 'healthy again after 1h 00m']);
});

test('that a container runs again is said although nobody saw it end', () => {
  const { told } = tell(
    ...at(
      [20, container('worker', 'running', { startedAt: start })],
      [21, container('worker', 'running', { startedAt: start + 1000 })],
    ),
  );
  expect(told).toEqual(['runs again']);
});

test('one that has run for a while crashes no more', () => {
  const { view } = tell(
    ...crashes(6),
    ...at([60, container('rng', 'running'), container('worker', 'running')]),
  );
  expect(view.services.find(({ name }) => name === 'worker')).toMatchObject({
    state: 'running',
    replicas: [{ quickEnds: 0 }],
  });
});

test('a failure names those that need the service, and what can be done', () => {
  const { told } = tell(
    ...at(
      [20, logs('redis', ['bind: Address already in use'], 'stderr')],
      [20, container('redis', 'exited', { exitCode: 1 })],
    ),
  );
  expect(told).toEqual([
    expect.stringMatching(/^failed after .*s: exit 1$/),
    '  needed by worker and webui',
    '  hint: it wants to listen where something in its container listens already',
  ]);
});

test('that the kernel ended a container is not forgotten when others tell of its end', () => {
  const { view } = tell(
    ...at(
      [20, container('worker', 'exited', { exitCode: 137, outOfMemory: true })],
      [21, container('worker', 'exited', { exitCode: 137 })],
    ),
  );
  expect(formatSummary(view, options)).toMatch(/worker +failed +out of memory/);
  const again = at(
    [23, container('worker', 'running')],
    [24, container('worker', 'exited', { exitCode: 1 })],
  );
  const fresh = again.reduce(reduce, view);
  expect(fresh.services.find(({ name }) => name === 'worker')?.replicas[0]?.outOfMemory).toBe(false);
});

test.each([
  [{ exitCode: 137, outOfMemory: true }, '', 'out of memory', /mem_limit/],
  [{ exitCode: 137, outOfMemory: false }, '', 'exit 137: killed, SIGKILL', /outside/],
  [{ exitCode: 139, outOfMemory: false }, '', 'exit 139: segmentation fault, SIGSEGV', /native code/],
  [
    { exitCode: 127, outOfMemory: false },
    'sh: nope: not found',
    'exit 127: command not found',
    /not in the image/,
  ],
  [{ exitCode: 126, outOfMemory: false }, '', 'exit 126: the command cannot be executed', /chmod \+x/],
  [
    { exitCode: 255, outOfMemory: false },
    'exec /app: exec format error',
    'exit 255: made for another processor',
    /platform/,
  ],
  [
    { exitCode: 1, outOfMemory: false },
    'Error: connect ECONNREFUSED 172.18.0.2:6379',
    'exit 1',
    /depends_on/,
  ],
  [{ exitCode: 3, outOfMemory: false }, 'what a day', 'exit 3', undefined],
])('%j after "%s" is %s', (replica, said, words, hint) => {
  expect(describeEnd(replica, tail(said))).toBe(words);
  const given = hintFor(replica, worker(said));
  if (hint === undefined) expect(given).toBeUndefined();
  else expect(given).toMatch(hint);
});

test('whoever waits for one that waits needs it, too', () => {
  const { view } = tell();
  const services = view.services.map((service) =>
    service.name === 'webui' ? { ...service, dependsOn: ['worker'] } : service,
  );
  expect(dependants('redis', { ...view, services })).toEqual(['worker', 'webui']);
  expect(dependants('webui', { ...view, services })).toEqual([]);
});

test('what was never started waits for nothing any more once all is stopped', () => {
  const events = at([20, container('worker', 'created')], [21, { type: 'stack-stopped' }]);
  const made = [...recordings.ready.slice(0, 1), ...events.slice(0, 1)].reduce(reduce, initialView);
  const stopped = events.reduce(reduce, made);
  const stateIn = ({ services }: View) => services.find(({ name }) => name === 'worker')?.state;
  expect([stateIn(made), stateIn(stopped)]).toEqual(['waiting', 'stopped']);
});
