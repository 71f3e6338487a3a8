import { groupBy } from '../model/groups.ts';
import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type PublishedPort } from '../model/observed.ts';
import type { Surroundings } from '../model/runtime.ts';

export interface LsOptions {
  /** Also projects of which nothing runs. */
  readonly all: boolean;
  /** Whether a project's name is one of those asked for. */
  readonly matches: (name: string) => boolean;
  /** Also what each uses, which takes a second or two. */
  readonly usage: boolean;
}

export interface ListedProject {
  readonly name: string;
  /** How many containers are in each state, sorted by state. */
  readonly states: readonly (readonly [state: string, count: number])[];
  /** As the containers tell it; empty: not known. */
  readonly configFiles: readonly string[];
  /** Its project directory, if a container tells it. */
  readonly folder?: string;
  /** When the oldest of its containers was made, in seconds since 1970. */
  readonly created: number;
  /** Where containers that run answer. */
  readonly ports: readonly PublishedPort[];
  readonly usage?: ProjectUsage;
}

export interface ProjectUsage {
  /** Of one processor: 200 where two are busy. */
  readonly cpuPercent: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes that containers have written, and that are in volumes; absent: the engine does not tell. */
  readonly disk?: number;
}

/** The projects on the engine, by name. Without `all` only what runs counts. */
export async function ls(
  { all, matches, usage }: LsOptions,
  surroundings: Surroundings,
): Promise<readonly ListedProject[]> {
  const { runtime, signal } = surroundings;
  const containers = await runtime.observeProjects(signal);
  const byProject = groupBy(
    containers.filter((container) => all || isAlive(container)),
    ({ labels }) => labels[label.project] ?? '',
  );
  const projects = [...byProject].filter(([name]) => matches(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const used = usage ? await measureAll(projects, surroundings) : new Map<string, ProjectUsage>();
  return projects.map(([name, own]): ListedProject => {
    const folder = own.map(({ labels }) => labels[label.workingDir]).find((path) => path !== undefined);
    const uses = used.get(name);
    return {
      name,
      states: countStates(own),
      configFiles: configFilesOf(own),
      ...(folder === undefined ? {} : { folder }),
      created: Math.min(...own.map(({ created }) => created)),
      ports: own.filter(isAlive).flatMap(({ ports }) => ports),
      ...(uses === undefined ? {} : { usage: uses }),
    };
  });
}

/** All at once: the engine looks at a container for a second or so. */
async function measureAll(
  projects: readonly (readonly [name: string, own: readonly ObservedContainer[]])[],
  { runtime, signal }: Surroundings,
): Promise<ReadonlyMap<string, ProjectUsage>> {
  // What an engine does not tell is left out; the rest is worth telling.
  const sizes = runtime.diskUsage(signal).catch(() => new Map<string, number>());
  const measured = projects.map(async ([name, own]) => {
    const each = await Promise.all(
      own.filter(isAlive).map(async ({ id }) => {
        for await (const { cpuPercent, memory } of runtime.measure(id, { once: true }, signal))
          return { cpuPercent, memory };
        return { cpuPercent: 0, memory: 0 };
      }),
    );
    const disk = (await sizes).get(name);
    const sum = (of: (one: Omit<ProjectUsage, 'disk'>) => number): number =>
      each.reduce((total, one) => total + of(one), 0);
    const usage = { cpuPercent: sum(({ cpuPercent }) => cpuPercent), memory: sum(({ memory }) => memory) };
    return [name, { ...usage, ...(disk === undefined ? {} : { disk }) }] as const;
  });
  return new Map(await Promise.all(measured));
}

function countStates(containers: readonly ObservedContainer[]): ListedProject['states'] {
  const byState = groupBy(containers, ({ state }) => state);
  return [...byState]
    .map(([state, own]) => [state, own.length] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function configFilesOf(containers: readonly ObservedContainer[]): readonly string[] {
  const files = containers.map(({ labels }) => labels[label.configFiles]);
  // As with Docker Compose, files of which one container does not tell are not known.
  if (files.includes(undefined)) return [];
  return [...new Set(files.flatMap((list) => (list ?? '').split(',')))];
}
