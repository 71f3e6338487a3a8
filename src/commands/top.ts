import type { LoadRequest } from '../load/load.ts';
import type { ProcessList } from '../model/details.ts';
import { secretsAmong } from '../model/masking.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { containersOf, observeProject } from './identity.ts';
import { findProject } from './project.ts';

export interface ContainerProcesses {
  readonly container: ObservedContainer;
  readonly list: ProcessList;
}

export interface Processes {
  readonly processes: readonly ContainerProcesses[];
  /** The credentials among what the services are given. */
  readonly secrets: readonly string[];
  readonly warnings: readonly Problem[];
}

/** The processes of the containers that run, by service and number. */
export async function top(load: LoadRequest, surroundings: Surroundings): Promise<Processes> {
  const { runtime, signal } = surroundings;
  const project = await findProject(load);
  const { containers, warnings } = await observeProject(project, surroundings);
  const services = load.services.length === 0 ? undefined : load.services;
  const running = containersOf(services, containers)
    .filter(isAlive)
    .toSorted((a, b) => (a.service === b.service ? a.number - b.number : a.service < b.service ? -1 : 1));
  const processes = await Promise.all(
    running.map(async (container) => {
      const list = await runtime.listProcesses(container.id, signal);
      return list === undefined ? [] : [{ container, list }];
    }),
  );
  const given = Object.values(project.loaded?.stack.services ?? {}).flatMap(({ environment = {} }) =>
    Object.entries(environment).map(([name, value]) => [name, value ?? ''] as const),
  );
  const secrets = given.flatMap((pair) => secretsAmong(new Map([pair])));
  return { processes: processes.flat(), secrets, warnings };
}
