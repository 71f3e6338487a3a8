import type { ContainerChanged, Event, EventBody, PlannedStep } from '../../src/model/event.ts';
import type { PublishedPort } from '../../src/model/observed.ts';

/** When every recording begins: 12:04:11 in the time zone of the tests. */
export const start = Date.UTC(2026, 10, 21, 12, 4, 11);

export const directory = '/home/ada/coins';

const services = [
  { name: 'rng', image: 'coins-rng', built: true, dependsOn: [] },
  { name: 'hasher', image: 'coins-hasher', built: true, dependsOn: [] },
  { name: 'redis', image: 'redis:7', built: false, dependsOn: [] },
  { name: 'worker', image: 'coins-worker', built: true, dependsOn: ['rng', 'hasher', 'redis'] },
  { name: 'webui', image: 'coins-webui', built: true, dependsOn: ['redis'] },
];

/** The steps that make one service of `coins` run. */
function stepsOf(
  service: string,
  obtain: 'build' | 'pull',
  waits: readonly string[] = [],
): readonly PlannedStep[] {
  const image = obtain === 'build' ? `coins-${service}` : 'redis:7';
  const container = `coins-${service}-1`;
  const because = 'it does not exist';
  const kind = obtain === 'build' ? 'build-image' : 'pull-image';
  const create = `create:${service}-1`;
  return [
    { id: `${obtain}:${image}`, kind, service, title: `${obtain} image ${image}`, because, after: [] },
    {
      id: create,
      kind: 'create-container',
      service,
      title: `create container ${container}`,
      because,
      after: [`${obtain}:${image}`, 'create-network:default'],
    },
    {
      id: `start:${service}-1`,
      kind: 'start-container',
      service,
      title: `start container ${container}`,
      because: 'it is to run',
      after: [create, ...waits],
    },
  ];
}

const upSteps: readonly PlannedStep[] = [
  {
    id: 'create-network:default',
    kind: 'create-network',
    title: 'create network coins_default',
    because: 'it does not exist',
    after: [],
  },
  ...stepsOf('rng', 'build'),
  ...stepsOf('hasher', 'build'),
  ...stepsOf('redis', 'pull'),
  {
    id: 'await:redis:healthy',
    kind: 'await-condition',
    service: 'redis',
    condition: 'healthy',
    title: 'wait until redis is healthy',
    because: 'worker waits for it',
    after: ['start:redis-1'],
  },
  ...stepsOf('worker', 'build', ['start:rng-1', 'start:hasher-1', 'await:redis:healthy']),
  ...stepsOf('webui', 'build', ['await:redis:healthy']),
];

const ports: Readonly<Record<string, readonly PublishedPort[]>> = {
  webui: [{ hostIp: '127.0.0.1', hostPort: 8000, containerPort: 80, protocol: 'tcp' }],
  redis: [
    { hostIp: '0.0.0.0', hostPort: 6379, containerPort: 6379, protocol: 'tcp' },
    { hostIp: '::', hostPort: 6379, containerPort: 6379, protocol: 'tcp' },
  ],
};

/** A change of the only container of a service. */
export function container(
  service: string,
  state: ContainerChanged['state'],
  more: Partial<ContainerChanged> = {},
): ContainerChanged {
  return {
    type: 'container-changed',
    service,
    number: 1,
    id: `${service}0000`,
    name: `coins-${service}-1`,
    state,
    ports: state === 'running' ? (ports[service] ?? []) : [],
    ...more,
  };
}

export function logs(
  service: string,
  lines: readonly string[],
  stream: 'stdout' | 'stderr' = 'stdout',
): EventBody {
  return { type: 'logs-written', service, number: 1, source: `${service}-1`, stream, lines };
}

/** Gives events their times: pairs of seconds since the start and what happened then. */
export function at(
  ...timed: readonly (readonly [seconds: number, ...bodies: readonly EventBody[]])[]
): Event[] {
  return timed.flatMap(([seconds, ...bodies]) =>
    bodies.map((body): Event => ({ ...body, at: start + Math.round(seconds * 1000) })),
  );
}

const started = (id: string): EventBody => ({ type: 'step-started', id });
const finished = (id: string, milliseconds: number): EventBody => ({
  type: 'step-finished',
  id,
  milliseconds,
});

export const loaded: EventBody = {
  type: 'stack-loaded',
  name: 'coins',
  directory,
  files: [`${directory}/stack.yaml`],
  services,
};

/** `coins` until its images are being built. */
const building: readonly Event[] = at(
  [0, loaded],
  [0.1, { type: 'plan-made', purpose: 'up', steps: upSteps }],
  [
    0.1,
    started('create-network:default'),
    started('build:coins-rng'),
    started('build:coins-hasher'),
    started('pull:redis:7'),
    started('build:coins-worker'),
    started('build:coins-webui'),
  ],
  [0.2, finished('create-network:default', 90)],
  [
    0.5,
    {
      type: 'step-progressed',
      id: 'build:coins-rng',
      progress: { text: '[2/3] COPY . .', current: 2, total: 3 },
    },
    {
      type: 'step-progressed',
      id: 'pull:redis:7',
      progress: { text: 'downloading', current: 1e7, total: 4e7 },
    },
  ],
);

/** `coins` until redis runs but is not healthy yet. */
const waiting: readonly Event[] = [
  ...building,
  ...at(
    [1.6, finished('pull:redis:7', 1500), started('create:redis-1')],
    [1.7, container('redis', 'created'), finished('create:redis-1', 80), started('start:redis-1')],
    [2, container('redis', 'running', { health: 'starting' }), finished('start:redis-1', 300)],
    [2, started('await:redis:healthy'), logs('redis', ['1:M * Ready to accept connections tcp'])],
    [2.5, finished('build:coins-rng', 2400), started('create:rng-1')],
    [2.6, container('rng', 'created'), finished('create:rng-1', 80), started('start:rng-1')],
    [2.8, container('rng', 'running'), finished('start:rng-1', 200)],
    [2.9, logs('rng', [' * Running on http://0.0.0.0:80']), finished('build:coins-worker', 2800)],
    [3, started('create:worker-1'), finished('build:coins-webui', 2900), started('create:webui-1')],
    [3.1, container('worker', 'created'), finished('create:worker-1', 80)],
    [3.1, container('webui', 'created'), finished('create:webui-1', 80)],
  ),
];

/** `coins` until all of it runs. */
const ready: readonly Event[] = [
  ...waiting,
  ...at(
    [3.4, finished('build:coins-hasher', 3300), started('create:hasher-1')],
    [3.5, container('hasher', 'created'), finished('create:hasher-1', 90), started('start:hasher-1')],
    [3.7, container('hasher', 'running'), finished('start:hasher-1', 200)],
    [3.8, logs('hasher', ['\u001B[32mSinatra\u001B[0m has taken the stage'], 'stderr')],
    [3.9, container('redis', 'running', { health: 'healthy' }), finished('await:redis:healthy', 1900)],
    [3.9, started('start:worker-1'), started('start:webui-1')],
    [4.1, container('worker', 'running'), finished('start:worker-1', 200)],
    [4.1, container('webui', 'running'), finished('start:webui-1', 200)],
    [4.2, logs('worker', ['INFO 0 units of work done', 'INFO 4 units of work done'])],
    [4.2, { type: 'stack-ready', milliseconds: 4200, changed: true }],
    [4.3, { type: 'watch-started', services: ['rng', 'hasher', 'worker', 'webui'] }],
  ),
];

const rebuild: readonly PlannedStep[] = [
  {
    id: 'build:coins-rng',
    kind: 'build-image',
    service: 'rng',
    title: 'build image coins-rng',
    because: 'rng/rng.py changed',
    after: [],
  },
  {
    id: 'create:rng-1',
    kind: 'create-container',
    service: 'rng',
    title: 'create container coins-rng-1',
    because: 'its image changed',
    after: ['build:coins-rng'],
  },
  {
    id: 'stop:rng0000',
    kind: 'stop-container',
    service: 'rng',
    container: 'rng0000',
    title: 'stop container coins-rng-1',
    because: 'its image changed',
    after: ['create:rng-1'],
  },
  {
    id: 'remove:rng0000',
    kind: 'remove-container',
    service: 'rng',
    container: 'rng0000',
    title: 'remove container coins-rng-1',
    because: 'its image changed',
    after: ['stop:rng0000'],
  },
  {
    id: 'start:rng-1',
    kind: 'start-container',
    service: 'rng',
    title: 'start container coins-rng-1',
    because: 'it is to run',
    after: ['remove:rng0000'],
  },
];

const saved: EventBody = {
  type: 'files-changed',
  paths: [`${directory}/rng/rng.py`],
  services: ['rng'],
  responses: ['rebuild'],
};

/** `coins` after a file of rng was saved, until rng is built anew. */
const rebuilding: readonly Event[] = [
  ...ready,
  ...at(
    [60, saved, { type: 'plan-made', purpose: 'change', steps: rebuild }, started('build:coins-rng')],
    [60.2, { type: 'step-progressed', id: 'build:coins-rng', progress: { text: '[3/3] COPY rng.py /' } }],
  ),
];

/** `coins` after rng was replaced. */
const rebuilt: readonly Event[] = [
  ...rebuilding,
  ...at(
    [60.7, finished('build:coins-rng', 700), started('create:rng-1')],
    [60.8, container('rng', 'created', { id: 'rng1111', name: 'rng0000_coins-rng-1' })],
    [60.8, finished('create:rng-1', 90), started('stop:rng0000')],
    [
      60.9,
      container('rng', 'exited', { exitCode: 137 }),
      finished('stop:rng0000', 100),
      started('remove:rng0000'),
    ],
    [61, container('rng', 'gone'), finished('remove:rng0000', 90), started('start:rng-1')],
    [61.2, container('rng', 'running', { id: 'rng1111' }), finished('start:rng-1', 200)],
    [61.2, { type: 'stack-ready', milliseconds: 1200, changed: true }],
  ),
];

/** `coins` after a save that does not build. */
const broken: readonly Event[] = [
  ...rebuilding,
  ...at(
    [
      60.4,
      {
        type: 'step-progressed',
        id: 'build:coins-rng',
        progress: { lines: ['step 2', 'no such file: rng.py'] },
      },
    ],
    [
      60.7,
      {
        type: 'step-failed',
        id: 'build:coins-rng',
        milliseconds: 700,
        problem: {
          code: 'build-failed',
          severity: 'error',
          message: 'the image of rng cannot be built: COPY rng.py / failed',
          location: { file: `${directory}/rng/Dockerfile`, line: 3, column: 1 },
          sourceLine: 'COPY rng.py /',
          service: 'rng',
          hint: 'correct the Dockerfile or the files it copies, then save',
        },
      },
    ],
    [
      60.7,
      ...['create:rng-1', 'stop:rng0000', 'remove:rng0000', 'start:rng-1'].map(
        (id): EventBody => ({ type: 'step-skipped', id, because: 'build:coins-rng did not succeed' }),
      ),
    ],
  ),
];

/** `coins` after its worker crashed and everything was stopped. */
const crashed: readonly Event[] = [
  ...ready,
  ...at(
    [9, logs('worker', ['Traceback (most recent call last):', "KeyError: 'coins'"], 'stderr')],
    [9.1, container('worker', 'exited', { exitCode: 1 })],
  ),
];

const stopped: readonly Event[] = [
  ...crashed,
  ...at(
    [20, { type: 'stop-requested', force: false }],
    [
      20,
      {
        type: 'plan-made',
        purpose: 'down',
        steps: services.flatMap(({ name }): PlannedStep[] => [
          {
            id: `stop:${name}0000`,
            kind: 'stop-container',
            service: name,
            container: `${name}0000`,
            title: `stop container coins-${name}-1`,
            because: 'down',
            after: [],
          },
          {
            id: `remove:${name}0000`,
            kind: 'remove-container',
            service: name,
            container: `${name}0000`,
            title: `remove container coins-${name}-1`,
            because: 'down',
            after: [`stop:${name}0000`],
          },
        ]),
      },
    ],
    ...services.map(({ name }): [number, ...EventBody[]] => [
      20.3,
      started(`stop:${name}0000`),
      container(name, 'exited', { exitCode: name === 'worker' ? 1 : 143 }),
      finished(`stop:${name}0000`, 300),
      started(`remove:${name}0000`),
      container(name, 'gone'),
      finished(`remove:${name}0000`, 90),
    ]),
    [20.5, { type: 'stack-stopped' }],
  ),
];

/** Many services at once, for screens with less room than that. */
const crowd: readonly Event[] = at([
  0,
  {
    ...loaded,
    services: Array.from({ length: 24 }, (_, index) => ({
      name: `service-${index + 1}`,
      image: 'busybox',
      built: false,
      dependsOn: [],
    })),
  },
  { type: 'plan-made', purpose: 'up', steps: [] },
  ...Array.from({ length: 24 }, (_, index) =>
    index === 20
      ? container(`service-${index + 1}`, 'exited', { exitCode: 127 })
      : container(`service-${index + 1}`, index === 22 ? 'restarting' : 'running', { exitCode: 1 }),
  ),
  { type: 'stack-ready', milliseconds: 900, changed: true },
]);

export const recordings = { building, waiting, ready, rebuilding, rebuilt, broken, crashed, stopped, crowd };
export type RecordingName = keyof typeof recordings;
