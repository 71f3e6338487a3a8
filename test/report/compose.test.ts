import { expect, test } from 'vitest';
import type { EventBody, PlannedStep } from '../../src/model/event.ts';
import { composeReporter, formatProblemJson } from '../../src/report/compose.ts';

type Options = Partial<Parameters<typeof composeReporter>[0]>;

/** What is told, and what services wrote with the stream it goes to. */
function told(events: readonly EventBody[], options: Options = {}): string[] {
  const lines: string[] = [];
  const report = composeReporter({
    tell: (text) => lines.push(text),
    write: (stream, text) => lines.push(`${stream}: ${text}`),
    colour: false,
    complain: ({ message }) => lines.push(`problem: ${message}`),
    statusOf: () => undefined,
    ...options,
  });
  for (const event of events) report({ ...event, at: 0 });
  return lines.flatMap((text) => text.trimEnd().split('\n'));
}

function step(kind: PlannedStep['kind'], title: string, service?: string): PlannedStep {
  const about = service === undefined ? {} : { service };
  return { id: title, kind, title, because: 'so', after: [], ...about };
}

function plan(...steps: readonly PlannedStep[]): EventBody[] {
  return [
    { type: 'plan-made', purpose: 'up', steps },
    ...steps.flatMap(({ id }): EventBody[] => [
      { type: 'step-started', id },
      { type: 'step-finished', id, milliseconds: 1 },
    ]),
  ];
}

const changed = (state: 'running' | 'exited', exitCode?: number): EventBody => ({
  type: 'container-changed',
  service: 'web',
  number: 1,
  id: '1',
  name: 'shop-web-1',
  state,
  ports: [],
  ...(exitCode === undefined ? {} : { exitCode }),
});

test('what is made and started is told in the words of Docker Compose', () => {
  const events = plan(
    step('pull-image', 'pull image busybox', 'web'),
    step('build-image', 'build image shop-web', 'web'),
    step('create-network', 'create network shop_default'),
    step('create-volume', 'create volume shop_data'),
    step('create-container', 'create container shop-web-1', 'web'),
    step('run-hook', 'run post_start hook 1 in shop-web-1', 'web'),
    { ...step('await-condition', 'wait until web is healthy', 'web'), condition: 'healthy' },
    { ...step('await-condition', 'wait until web is settled', 'web'), condition: 'settled' },
    step('pause-container', 'pause container shop-web-1', 'web'),
  );
  expect(told(events)).toEqual([
    ' web Pulling',
    ' web Pulled',
    ' shop-web  Building',
    ' shop-web  Built',
    ' Network shop_default  Creating',
    ' Network shop_default  Created',
    ' Volume shop_data  Creating',
    ' Volume shop_data  Created',
    ' Container shop-web-1  Creating',
    ' Container shop-web-1  Created',
    ' Container shop-web-1  Waiting',
    ' Container shop-web-1  Healthy',
    ' Container shop-web-1  Paused',
  ]);
});

test('a container that takes the place of another is recreated, whatever that takes', () => {
  const events = plan(
    step('create-container', 'create container shop-web-1', 'web'),
    step('stop-container', 'stop container shop-web-1', 'web'),
    step('remove-container', 'remove container shop-web-1', 'web'),
    step('rename-container', 'rename container 0a_shop-web-1 to shop-web-1', 'web'),
    step('start-container', 'start container shop-web-1', 'web'),
    step('remove-container', 'remove container shop-old-1', 'old'),
  );
  expect(told(events)).toEqual([
    ' Container shop-web-1  Recreate',
    ' Container shop-web-1  Recreated',
    ' Container shop-web-1  Starting',
    ' Container shop-web-1  Started',
    ' Container shop-old-1  Removing',
    ' Container shop-old-1  Removed',
  ]);
});

test('what runs already is told once, and how it ended', () => {
  const stop = (force: boolean): EventBody => ({ type: 'stop-requested', force });
  const events = [...plan(), changed('running'), changed('running'), stop(false), stop(true)];
  expect(told([...events, changed('exited', 3)])).toEqual([
    ' Container shop-web-1  Running',
    'Gracefully Stopping... press Ctrl+C again to force',
    'stdout: web-1 exited with code 3',
  ]);
});

test('a failure says which thing it is about; JSON also what went wrong', () => {
  const problem = { code: 'engine-refused', severity: 'error', message: 'no "such" thing' } as const;
  const create = step('create-network', 'create network shop_default');
  const events: EventBody[] = [
    { type: 'plan-made', purpose: 'up', steps: [create] },
    { type: 'step-failed', id: create.id, milliseconds: 1, problem },
  ];
  expect(told(events)).toEqual([' Network shop_default  Error', 'problem: no "such" thing']);
  expect(told(events, { json: true })).toEqual([
    '{"id":"Network shop_default","status":"no \\"such\\" thing"}',
  ]);
  expect(formatProblemJson(problem)).toBe('{"error":true,"message":"no \\"such\\" thing"}\n');
  expect(formatProblemJson({ ...problem, severity: 'warning' })).toBe(
    '{"level":"warning","msg":"no \\"such\\" thing"}\n',
  );
});

test('output is put behind names as wide as the widest so far, and cannot obey as a terminal would', () => {
  const wrote = (source: string, stream: 'stdout' | 'stderr', line: string): EventBody => ({
    type: 'logs-written',
    service: source,
    number: 1,
    source,
    stream,
    lines: [line],
  });
  const events = [
    wrote('db-1', 'stdout', 'a'),
    wrote('web-10', 'stderr', 'b\u001B[2J'),
    wrote('db-1', 'stdout', 'c'),
  ];
  expect(told(events)).toEqual(['stdout: db-1  | a', 'stderr: web-10  | b', 'stdout: db-1    | c']);
  expect(told(events, { logPrefix: false })).toEqual(['stdout: a', 'stderr: b', 'stdout: c']);
});
