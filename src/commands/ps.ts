import type { LoadRequest } from '../load/load.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Surroundings } from '../model/runtime.ts';
import { findProject } from './project.ts';
import { observeContainers } from './work.ts';

export interface PsOptions {
  readonly load: LoadRequest;
  /** Also containers that have ended. */
  readonly all: boolean;
}

/** The project's containers, sorted by name. */
export async function ps(
  options: PsOptions,
  surroundings: Surroundings,
): Promise<{ readonly project: string; readonly containers: readonly ObservedContainer[] }> {
  const project = await findProject(options.load);
  const all = await observeContainers(project.name, surroundings, surroundings.signal);
  const { services } = options.load;
  const containers = all.filter(
    ({ service, state, oneOff }) =>
      (services.length === 0 || services.includes(service)) &&
      (options.all || (!oneOff && state !== 'exited' && state !== 'created' && state !== 'dead')),
  );
  return { project: project.name, containers };
}
