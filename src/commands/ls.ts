import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import type { Surroundings } from '../model/runtime.ts';

export interface LsOptions {
  /** Also projects of which nothing runs. */
  readonly all: boolean;
  /** Whether a project's name is one of those asked for. */
  readonly matches: (name: string) => boolean;
}

export interface ListedProject {
  readonly name: string;
  /** How many containers are in each state, sorted by state. */
  readonly states: readonly (readonly [state: string, count: number])[];
  /** As the containers tell it; empty: not known. */
  readonly configFiles: readonly string[];
}

/** The projects on the engine, by name. Without `all` only what runs counts. */
export async function ls(
  { all, matches }: LsOptions,
  { runtime, signal }: Surroundings,
): Promise<readonly ListedProject[]> {
  const containers = await runtime.observeProjects(signal);
  const byProject = Map.groupBy(
    containers.filter((container) => all || isAlive(container)),
    ({ labels }) => labels[label.project] ?? '',
  );
  return [...byProject]
    .filter(([name]) => matches(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => ({ name, states: countStates(own), configFiles: configFilesOf(own) }));
}

function countStates(containers: readonly ObservedContainer[]): ListedProject['states'] {
  const byState = Map.groupBy(containers, ({ state }) => state);
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
