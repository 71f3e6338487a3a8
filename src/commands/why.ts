import { type LoadRequest, loadStack } from '../load/load.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { containersOf } from '../plan/decide.ts';
import { tellService } from '../plan/why.ts';
import { foresee } from './converge.ts';
import { tellLoaded } from './work.ts';

export interface WhyOptions {
  readonly load: LoadRequest;
  readonly service: string;
  /** As `up` would. */
  readonly checkBuilds: boolean;
}

/** Tells why the containers of a service are as they are, and what `up` would do with them, a line each. */
export async function why(
  { load, service, checkBuilds }: WhyOptions,
  surroundings: Surroundings,
): Promise<string> {
  const request = { ...load, services: [service] };
  const loaded = await loadStack(request);
  tellLoaded({ ...loaded, warnings: [] }, surroundings);
  const [containers, plan] = await Promise.all([
    surroundings.runtime.observeContainers(loaded.stack.name, surroundings.signal),
    foresee(loaded, { load: request, checkBuilds }, surroundings),
  ]);
  const hindered = await whatHinders(containersOf(containers, service), surroundings);
  return tellService(loaded.stack, service, containers, plan, hindered);
}

/** By container, what keeps it from being as it should. */
async function whatHinders(
  containers: readonly ObservedContainer[],
  { runtime, signal }: Surroundings,
): Promise<ReadonlyMap<string, Problem>> {
  const found = await Promise.all(
    containers.map(
      async (container) => [container.id, await runtime.explainState(container, signal)] as const,
    ),
  );
  return new Map(found.flatMap(([id, problem]) => (problem === undefined ? [] : [[id, problem] as const])));
}
