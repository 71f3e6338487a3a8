import { expect, test } from 'vitest';
import type { EventBody, PlannedStep, Progress } from '../../src/model/event.ts';
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

const summary = (name: string, image = 'busybox') => ({ name, image, built: false, dependsOn: [] });

const loaded = (...services: readonly string[]): EventBody => ({
  type: 'stack-loaded',
  name: 'shop',
  directory: '/shop',
  files: [],
  services: services.map((name) => summary(name)),
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
  const ended: EventBody = {
    type: 'output-ended',
    service: 'web',
    number: 1,
    source: 'web-1',
    exitCode: 3,
    restarting: false,
  };
  const events = [loaded('web'), ...plan(), changed('running'), changed('running'), stop(false), stop(true)];
  expect(told([...events, changed('exited', 3), ended, { ...ended, restarting: true }])).toEqual([
    ' Container shop-web-1  Running',
    'stdout: Gracefully Stopping... press Ctrl+C again to force',
    'stdout: web-1 exited with code 3',
    'stdout: web-1 exited with code 3 (restarting)',
  ]);
  expect(told([{ type: 'stop-requested', force: false, afterExit: true }])).toEqual([
    'Aborting on container exit...',
  ]);
});

test('a command that stays with what it starts says whom it attaches to, not what it starts', () => {
  const start = step('start-container', 'start container shop-web-1', 'web');
  const followed: EventBody = { type: 'output-followed', sources: ['db-1', 'web-1'] };
  const running = { ...changed('running'), service: 'db', name: 'shop-db-1', id: '2' } as EventBody;
  const events = [loaded('web', 'db'), running, ...plan(start), followed];
  expect(told(events, { attached: true })).toEqual([
    ' Container shop-db-1  Running',
    'stdout: Attaching to db-1, web-1',
  ]);
});

test('services whose images are not pulled are told of, with the reason', () => {
  const pull = step('pull-image', 'pull image alpine', 'one');
  const events: EventBody[] = [
    {
      ...loaded('one', 'two', 'here'),
      services: [
        summary('one', 'alpine'),
        summary('two', 'alpine'),
        summary('here', 'redis:7'),
        { ...summary('built', 'shop-built'), built: true },
      ],
    } as EventBody,
    { type: 'plan-made', purpose: 'pull', steps: [pull] },
  ];
  expect(told(events)).toEqual([
    ' two Skipped - Image is already being pulled by one',
    ' here Skipped - Image is already present locally',
    ' built Skipped - No image to be pulled',
  ]);
});

test('what a build does is output, and that it was cancelled', () => {
  const build = step('build-image', 'build image shop-web', 'web');
  const progress = (text: string, ...lines: string[]): EventBody => ({
    type: 'step-progressed',
    id: build.id,
    progress: { text, lines },
  });
  const events: EventBody[] = [
    { type: 'plan-made', purpose: 'build', steps: [build] },
    progress('[1/2] FROM alpine'),
    progress('[2/2] RUN make', 'made'),
    progress('[2/2] RUN make', 'more'),
    { type: 'step-skipped', id: build.id, because: 'interrupted' },
  ];
  expect(told(events)).toEqual([
    'stdout: #1 [1/2] FROM alpine',
    'stdout: #1 [2/2] RUN make',
    'made',
    'stdout: more',
    'stdout: #1 CANCELED',
  ]);
});

test('of a build that is told of at once all steps are output, once each', () => {
  const build = step('build-image', 'build image shop-web', 'web');
  const progress = (given: Progress): EventBody => ({
    type: 'step-progressed',
    id: build.id,
    progress: given,
  });
  const events: EventBody[] = [
    { type: 'plan-made', purpose: 'build', steps: [build] },
    progress({
      text: 'exporting to image',
      parts: [
        { name: '[internal] load .dockerignore', state: 'done' },
        { name: '[1/3] FROM alpine', state: 'cached' },
        { name: '[2/3] RUN make', state: 'cached' },
        { name: '[3/3] RUN test', state: 'done', lines: ['tested'] },
        { name: 'exporting to image', state: 'running' },
      ],
      lines: ['tested'],
    }),
    progress({ text: 'exporting to image', parts: [{ name: 'exporting to image', state: 'done' }] }),
  ];
  expect(told(events)).toEqual([
    'stdout: #1 [1/3] FROM alpine (CACHED)',
    '#1 [2/3] RUN make (CACHED)',
    '#1 [3/3] RUN test',
    '#1 exporting to image',
    'tested',
  ]);
});

test('a plan without steps has words of its own', () => {
  const empty = (purpose: 'remove' | 'kill' | 'down'): EventBody => ({
    type: 'plan-made',
    purpose,
    steps: [],
  });
  expect(told([empty('remove')])).toEqual(['No stopped containers']);
  expect(told([empty('kill')])).toEqual(['no container to kill']);
  expect(told([loaded(), empty('down')])[0]).toMatch(
    /level=warning msg="Warning: No resource found to remove for project \\"shop\\"."$/,
  );
  expect(told([loaded('web'), empty('down')])).toEqual([]);
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
    'problem: no "such" thing',
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
  expect(told(events, { head: () => '' })).toEqual(['stdout: a', 'stderr: b', 'stdout: c']);
});
