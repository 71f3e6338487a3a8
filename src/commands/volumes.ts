import type { LoadRequest } from '../load/load.ts';
import type { VolumeDetails } from '../model/details.ts';
import { isAlive } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { containersOf, identify, observeProject } from './identity.ts';

/** The volumes of the project; of named services those that their running containers mount. */
export async function volumes(
  load: LoadRequest,
  surroundings: Surroundings,
): Promise<{ readonly volumes: readonly VolumeDetails[]; readonly warnings: readonly Problem[] }> {
  const { runtime, signal } = surroundings;
  const project = await identify(load, surroundings);
  const all = await runtime.listVolumes(project.name, signal);
  if (load.services.length === 0) return { volumes: all, warnings: [] };
  const { containers, warnings } = await observeProject(project, surroundings);
  const running = containersOf(load.services, containers).filter(isAlive);
  const mounted = new Set(running.flatMap(({ mounts }) => mounts.map(({ name }) => name)));
  return { volumes: all.filter(({ name }) => mounted.has(name)), warnings };
}
