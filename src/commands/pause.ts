import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planPause } from '../plan/each.ts';
import { actOnContainers } from './existing.ts';
import type { Outcome } from './outcome.ts';
import { recallProject } from './project.ts';

export interface PauseOptions {
  readonly load: LoadRequest;
  /** False: let go on what is frozen. */
  readonly pause: boolean;
  /** What is so already is a failure, as with Docker Compose. */
  readonly strict?: boolean;
}

/** Freezes the processes of services, or lets them go on. */
export async function pause(
  { load, pause, strict = false }: PauseOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const project = await recallProject(load, surroundings);
  const { services } = project;
  return actOnContainers(
    pause ? 'pause' : 'unpause',
    project,
    (observed) => planPause(project, observed, { services, pause, strict }),
    surroundings,
  );
}
