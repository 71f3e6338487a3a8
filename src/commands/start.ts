import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planStart } from '../plan/start.ts';
import { actOnContainers } from './existing.ts';
import type { Outcome } from './outcome.ts';
import { findProject } from './project.ts';

export interface StartOptions {
  readonly load: LoadRequest;
}

/** Starts containers that exist, those that services depend on first. */
export async function start({ load }: StartOptions, surroundings: Surroundings): Promise<Outcome> {
  const project = await findProject(load);
  const { services, loaded } = project;
  return actOnContainers(
    'start',
    project,
    (observed) => planStart(project, loaded?.stack, observed, { services }),
    surroundings,
  );
}
