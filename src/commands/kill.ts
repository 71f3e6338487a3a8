import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planKill } from '../plan/each.ts';
import { actOnContainers } from './existing.ts';
import type { Outcome } from './outcome.ts';
import { recallProject } from './project.ts';

export interface KillOptions {
  readonly load: LoadRequest;
  /** Name or number; absent: SIGKILL. */
  readonly signal?: string | undefined;
  /** Also containers of services that the file does not have, unless services are named. */
  readonly orphans: boolean;
}

/** Sends a signal to the containers that run. */
export async function kill(
  { load, signal, orphans }: KillOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const project = await recallProject(load, surroundings);
  const services = orphans && load.services.length === 0 ? undefined : project.services;
  return actOnContainers(
    'kill',
    project,
    (observed) => planKill(project, observed, { services, signal }),
    surroundings,
  );
}
