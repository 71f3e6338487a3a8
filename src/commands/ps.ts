import type { LoadRequest } from '../load/load.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { containersOf, identify, observeProject } from './identity.ts';

export interface PsOptions {
  readonly load: LoadRequest;
  /** Also containers that have ended, and one-off ones. */
  readonly all: boolean;
  /** Only those in one of these states; empty: as `all` says. */
  readonly states: readonly string[];
  /** Also those of services that the file does not have. */
  readonly orphans: boolean;
}

export interface Listed {
  readonly project: string;
  readonly containers: readonly ObservedContainer[];
  readonly warnings: readonly Problem[];
}

/** The project's containers, sorted by name. */
export async function ps(options: PsOptions, surroundings: Surroundings): Promise<Listed> {
  const { load, all, states, orphans } = options;
  const project = await identify(load, surroundings);
  const { containers, warnings } = await observeProject(project, surroundings);
  const services = load.services.length === 0 && orphans ? undefined : project.services;
  const wanted = (container: ObservedContainer): boolean =>
    states.length > 0 ? states.includes(container.state) : all || (!container.oneOff && isAlive(container));
  return { project: project.name, containers: containersOf(services, containers).filter(wanted), warnings };
}
