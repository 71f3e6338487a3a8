import { type LoadRequest, loadStack } from '../load/load.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { containersOf } from '../plan/decide.ts';
import { tellService } from '../plan/why.ts';
import { foresee } from './converge.ts';
import { observeContainers, tellLoaded } from './work.ts';

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
    observeContainers(loaded.stack.name, surroundings, surroundings.signal),
    foresee(loaded, { load: request, checkBuilds }, surroundings),
  ]);
  const refused = await whyNotStarted(containersOf(containers, service), surroundings);
  return tellService(loaded.stack, service, containers, plan, refused);
}

/** What the engine said of the last attempt to start those that do not run. */
async function whyNotStarted(
  containers: readonly ObservedContainer[],
  { runtime, signal }: Surroundings,
): Promise<ReadonlyMap<string, Problem>> {
  const found = await Promise.all(
    containers
      .filter((container) => !isAlive(container))
      .map(async ({ id, service }) => [id, await runtime.explainStart(id, service, signal)] as const),
  );
  return new Map(found.flatMap(([id, problem]) => (problem === undefined ? [] : [[id, problem] as const])));
}
