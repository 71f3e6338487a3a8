import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { label } from '../../../src/model/labels.ts';
import { labelled } from '../api.ts';
import { type Contender, type ContenderName, pause, run } from './contender.ts';
import type { Limit } from './limit.ts';
import type { Scenario, Step, Unit } from './scenario.ts';

/** What came out for one row, each contender's figures in the order of the rounds. */
export interface Measured {
  readonly row: string;
  readonly told: string;
  readonly unit: Unit;
  readonly bar?: number;
  readonly limitBar?: number;
  readonly most?: number;
  readonly figures: Readonly<Partial<Record<ContenderName, readonly number[]>>>;
  /** Why a contender has none. */
  readonly failures: Readonly<Partial<Record<ContenderName, string>>>;
  /** The share of the machine that others used just before each round: the median. */
  readonly noise?: number;
}

export interface Measuring {
  readonly limit: Limit;
  /** With which all projects of this run begin. */
  readonly prefix: string;
  readonly folder: string;
  readonly commands: Readonly<Record<ContenderName, readonly string[] | undefined>>;
  readonly environment: NodeJS.ProcessEnv;
  readonly rounds?: number;
  readonly interruption: AbortSignal;
}

/**
 * Measures all rows of a scenario. In each round every step is done by each contender in turn, in the next one the
 * other way round: all see the same machine. Who fails once is out of it, and why is told.
 */
export async function measure(scenario: Scenario, measuring: Measuring): Promise<readonly Measured[]> {
  const { limit, interruption } = measuring;
  const contenders = (['stack', 'compose', 'limit'] as const).flatMap((name) =>
    contenderOf(name, scenario, measuring),
  );
  const failures: Partial<Record<ContenderName, string>> = {};
  const figures = new Map<Step, Partial<Record<ContenderName, number[]>>>(
    scenario.steps.map((step) => [step, {}]),
  );
  const attempt = async (contender: Contender, work: () => Promise<unknown>): Promise<void> => {
    interruption.throwIfAborted();
    if (failures[contender.name] !== undefined) return;
    await work().catch((error: unknown) => {
      interruption.throwIfAborted();
      failures[contender.name] = error instanceof Error ? error.message : String(error);
    });
  };
  const once = async (contender: Contender, step: Step): Promise<void> => {
    if (contender.name === 'limit' && step.limit === undefined) return;
    await step.before?.(contender);
    const kept = figures.get(step) ?? {};
    kept[contender.name] = [...(kept[contender.name] ?? []), await figureOf(contender, step, limit)];
    await step.after?.(contender, limit);
  };
  const noises: number[] = [];
  try {
    for (const contender of contenders)
      await attempt(contender, async () => scenario.prepare?.(contender, limit));
    for (let round = 1; round <= (measuring.rounds ?? scenario.rounds); round++) {
      noises.push(await noise());
      for (const contender of contenders) contender.round = round;
      const order = round % 2 === 1 ? contenders : contenders.toReversed();
      if (scenario.alone === true) {
        for (const contender of order)
          for (const step of scenario.steps) await attempt(contender, () => once(contender, step));
      } else {
        for (const step of scenario.steps)
          for (let time = 0; time < (step.times ?? 1); time++)
            for (const contender of order) await attempt(contender, () => once(contender, step));
      }
    }
  } finally {
    for (const contender of contenders) await scenario.finish?.(contender).catch(() => {});
    await tidy(measuring);
    rmSync(path.join(measuring.folder, scenario.name), { recursive: true, force: true });
  }
  return scenario.steps.map(({ row, told, unit = 'ms', bar, limitBar, most }) => ({
    row,
    told,
    unit,
    ...(bar === undefined ? {} : { bar }),
    ...(limitBar === undefined ? {} : { limitBar }),
    ...(most === undefined ? {} : { most }),
    figures: withoutFailed(figures, row, failures),
    failures,
    noise: median(noises),
  }));
}

function contenderOf(
  name: ContenderName,
  scenario: Scenario,
  { commands, prefix, folder, environment }: Measuring,
): readonly Contender[] {
  const command = commands[name];
  const isIdle = name === 'limit' && scenario.steps.every(({ limit }) => limit === undefined);
  if (command === undefined || isIdle) return [];
  const project = `${prefix}-${scenario.name}-${name}`;
  const own = path.join(folder, scenario.name, project);
  mkdirSync(own, { recursive: true });
  return [
    {
      name,
      command,
      project,
      folder: own,
      environment: { ...environment, COMPOSE_PROJECT_NAME: project, XDG_STATE_HOME: `${own}.state` },
      round: 0,
    },
  ];
}

async function figureOf(contender: Contender, step: Step, limit: Limit): Promise<number> {
  if (contender.name !== 'limit')
    return typeof step.does === 'function'
      ? step.does(contender, limit)
      : (await run(contender, step.does)).milliseconds;
  const began = performance.now();
  const own = await step.limit?.(contender, limit);
  return typeof own === 'number' ? own : performance.now() - began;
}

function withoutFailed(
  figures: ReadonlyMap<Step, Partial<Record<ContenderName, readonly number[]>>>,
  row: string,
  failures: Measured['failures'],
): Measured['figures'] {
  const [, kept = {}] = [...figures].find(([step]) => step.row === row) ?? [];
  return Object.fromEntries(Object.entries(kept).filter(([name]) => !(name in failures)));
}

/** The share of the machine's processors that was busy while we did nothing; undefined elsewhere than on Linux. */
async function noise(): Promise<number> {
  const read = () => {
    const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const times = first.trim().split(/\s+/).slice(1, 9).map(Number);
    return { idle: (times[3] ?? 0) + (times[4] ?? 0), all: times.reduce((sum, one) => sum + one, 0) };
  };
  if (process.platform !== 'linux') return Number.NaN;
  const before = read();
  await pause(200);
  const after = read();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

/** Removes all that the projects of this run have on the engine, and what it copied to build them. */
export async function tidy({ limit: { ask }, prefix }: Pick<Measuring, 'limit' | 'prefix'>): Promise<void> {
  type Labelled = { readonly Id: string; readonly Labels?: Readonly<Record<string, string>> | null };
  const ours = async (path: string): Promise<readonly string[]> => {
    const found = await ask<readonly Labelled[]>('GET', `${path}${labelled(label.project)}`);
    return found
      .filter(({ Labels }) => Labels?.[label.project]?.startsWith(`${prefix}-`))
      .map(({ Id }) => Id);
  };
  const remove = (paths: readonly string[]) => Promise.allSettled(paths.map((path) => ask('DELETE', path)));
  await remove((await ours('/containers/json?all=1&')).map((id) => `/containers/${id}?force=1&v=1`));
  await remove((await ours('/networks?')).map((id) => `/networks/${id}`));
  await remove((await ours('/images/json?all=1&')).map((id) => `/images/${id}?force=1`));
  type Records = {
    readonly BuildCache?: readonly { readonly ID: string; readonly Description?: string }[] | null;
  };
  const { BuildCache } = await ask<Records>('GET', '/system/df?type=build-cache');
  for (const { ID, Description } of BuildCache ?? []) {
    if (Description?.includes(`${prefix}-`) !== true) continue;
    const filters = encodeURIComponent(JSON.stringify({ id: [ID] }));
    await ask('POST', `/build/prune?all=1&filters=${filters}`).catch(() => {}); // it went with another
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}
