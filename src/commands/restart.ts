import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planRestart } from '../plan/restart.ts';
import { actOnContainers } from './existing.ts';
import type { Outcome } from './outcome.ts';
import { recallProject } from './project.ts';

export interface RestartOptions {
  readonly load: LoadRequest;
  readonly timeout?: number | undefined;
  /** Leave what depends on the services as it is. */
  readonly alone: boolean;
}

/** Restarts containers that exist as they are: what has changed in the file is for `up`. */
export async function restart(
  { load, ...options }: RestartOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const project = await recallProject(load, surroundings);
  const { services, loaded } = project;
  return actOnContainers(
    'restart',
    project,
    (observed) => planRestart(project, loaded?.stack, observed, { ...options, services }),
    surroundings,
  );
}
