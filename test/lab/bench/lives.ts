import { type Contender, run, write } from './contender.ts';
import { chain, names, obeys, services } from './files.ts';
import type { ContainerWishes, Limit } from './limit.ts';
import { expectRunning, type Scenario, type Step } from './scenario.ts';

const upQuietly = ['up', '-d'];

interface Life {
  readonly name: string;
  readonly told: string;
  readonly count: number;
  readonly rounds: number;
  readonly file: string;
  readonly up: Pick<Step, 'bar' | 'limitBar'>;
  readonly down: Pick<Step, 'bar' | 'limitBar'>;
  /** How the engine is asked for the same. */
  readonly wishes?: ContainerWishes & { readonly after?: 'started' | 'healthy' };
  readonly downWishes?: Parameters<Limit['down']>[1];
}

/** From nothing to running, and back. */
function life({ name, told, count, rounds, file, up, down, wishes, downWishes }: Life): Scenario {
  return {
    name,
    rounds,
    alone: true,
    prepare: async (contender) => write(contender, 'compose.yaml', file),
    steps: [
      {
        row: `${name}-up`,
        told: `\`up -d\`, ${told}`,
        ...up,
        does: upQuietly,
        limit: ({ project }, limit) => limit.up(project, names(count), wishes),
        after: (contender, limit) => expectRunning(contender, limit, count),
      },
      {
        row: `${name}-down`,
        told: `\`down\`, ${told}`,
        ...down,
        does: ['down'],
        limit: ({ project }, limit) => limit.down(project, downWishes),
        after: (contender, limit) => expectRunning(contender, limit, 0),
      },
    ],
  };
}

const independent = (count: number, told: string, rounds: number, up: number, down: number): Scenario =>
  life({
    name: `services-${count}`,
    told,
    count,
    rounds,
    file: services(count),
    up: { bar: up, limitBar: 1.15 },
    down: { bar: down },
  });

const second = 1_000_000_000;
const inOrder = { inOrder: true } as const;

/** A project that runs, in which something is looked at or changed. */
function running(name: string, count: number, rounds: number, steps: readonly Step[]): Scenario {
  return { name, rounds, prepare: (contender, limit) => runs(contender, limit, count), steps };
}

async function runs(contender: Contender, limit: Limit, count: number): Promise<void> {
  write(contender, 'compose.yaml', services(count));
  await run(contender, upQuietly);
  await expectRunning(contender, limit, count);
}

const nothing = (count: number, bar: number): Step => ({
  row: `nothing-${count}`,
  told: `\`up -d\`, nothing to do, ${count} services`,
  bar,
  times: 3,
  does: upQuietly,
  limit: ({ project }, limit) => limit.look(project),
});

export const lives: readonly Scenario[] = [
  independent(1, '1 service', 9, 0.9, 0.95),
  independent(10, '10 services', 7, 1, 0.95),
  independent(50, '50 services', 5, 1, 0.9),
  life({
    name: 'obedient-10',
    told: '10 services that end when asked to',
    count: 10,
    rounds: 5,
    file: services(10, obeys),
    up: { bar: 1 },
    down: { bar: 0.95 },
    wishes: { command: ['sh', '-c', "trap 'exit 0' TERM; sleep infinity & wait"], grace: 10 },
    downWishes: { asking: true },
  }),
  life({
    name: 'chain-10',
    told: 'chain of 10, started',
    count: 10,
    rounds: 5,
    file: chain(10, 'service_started'),
    up: { bar: 1, limitBar: 1.15 },
    down: {},
    wishes: { after: 'started' },
    downWishes: inOrder,
  }),
  life({
    name: 'healthy-10',
    told: 'chain of 10, healthy, `interval: 1s`',
    count: 10,
    rounds: 3,
    file: chain(10, 'service_healthy', 'interval: 1s'),
    up: { bar: 0.3 },
    down: {},
    wishes: { after: 'healthy', healthcheck: { Interval: second } },
    downWishes: inOrder,
  }),
  life({
    name: 'healthy-10-soon',
    told: 'chain of 10, healthy, `start_interval: 100ms`',
    count: 10,
    rounds: 3,
    file: chain(10, 'service_healthy', 'interval: 1s, start_period: 30s, start_interval: 100ms'),
    up: { bar: 0.5 },
    down: {},
    wishes: {
      after: 'healthy',
      healthcheck: { Interval: second, StartPeriod: 30 * second, StartInterval: second / 10 },
    },
    downWishes: inOrder,
  }),
  running('running-10', 10, 5, [nothing(10, 0.65)]),
  running('running-50', 50, 5, [
    nothing(50, 0.55),
    {
      row: 'ps-50',
      told: '`ps`, 50 services',
      bar: 0.65,
      times: 3,
      does: ['ps'],
      limit: ({ project }, limit) => limit.list(project),
    },
    {
      row: 'change-1-of-50',
      told: '`up -d`, one of 50 services changed',
      bar: 0.9,
      before: (contender) =>
        write(
          contender,
          'compose.yaml',
          services(50, undefined, (index) =>
            index === 25 ? `, environment: {ROUND: "${contender.round}"}` : '',
          ),
        ),
      does: upQuietly,
      limit: ({ project, round }, limit) =>
        limit.replace(project, 's25', { environment: [`ROUND=${round}`] }),
      after: (contender, limit) => expectRunning(contender, limit, 50),
    },
    {
      row: 'restart',
      told: '`restart` of one of 50 services',
      bar: 0.8,
      does: ['restart', 's10'],
      limit: ({ project }, limit) => limit.restart(project, 's10'),
      after: (contender, limit) => expectRunning(contender, limit, 50),
    },
  ]),
  {
    name: 'scale',
    rounds: 5,
    alone: true,
    prepare: (contender, limit) => runs(contender, limit, 1),
    steps: [
      {
        row: 'scale-up',
        told: '`scale` from 1 to 10',
        bar: 0.65,
        does: ['scale', 's0=10'],
        limit: ({ project }, limit) => limit.scale(project, 's0', 10),
        after: (contender, limit) => expectRunning(contender, limit, 10),
      },
      {
        row: 'scale-down',
        told: '`scale` from 10 to 1',
        does: ['scale', 's0=1'],
        limit: ({ project }, limit) => limit.scale(project, 's0', 1),
        after: (contender, limit) => expectRunning(contender, limit, 1),
      },
    ],
  },
  running('commands', 1, 11, [
    {
      row: 'exec',
      told: '`exec -T` of `true`',
      bar: 0.9,
      does: ['exec', '-T', 's0', 'true'],
      limit: ({ project }, limit) => limit.exec(limit.nameOf(project, 's0'), ['true']),
    },
    {
      row: 'run',
      told: '`run --rm -T` of `true`',
      bar: 0.95,
      does: ['run', '--rm', '-T', 's0', 'true'],
      limit: ({ project }, limit) => limit.once(project, 's0', ['true']),
    },
  ]),
];
