import type { LoadRequest } from '../load/load.ts';
import type { ProcessList } from '../model/details.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { containersOf, findProject, observeProject } from './project.ts';

export interface ContainerProcesses {
  readonly container: ObservedContainer;
  readonly list: ProcessList;
}

/** The processes of the containers that run, by service and number. */
export async function top(
  load: LoadRequest,
  surroundings: Surroundings,
): Promise<{ readonly processes: readonly ContainerProcesses[]; readonly warnings: readonly Problem[] }> {
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
  return { processes: processes.flat(), warnings };
}
