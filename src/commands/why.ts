import { type LoadRequest, loadStack } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { tellService } from '../plan/why.ts';
import { foresee } from './converge.ts';
import { observeContainers, tellLoaded } from './work.ts';

export interface WhyOptions {
  readonly load: LoadRequest;
  readonly service: string;
}

/** Tells why the containers of a service are as they are, and what `up` would do with them, a line each. */
export async function why({ load, service }: WhyOptions, surroundings: Surroundings): Promise<string> {
  const request = { ...load, services: [service] };
  const loaded = await loadStack(request);
  tellLoaded({ ...loaded, warnings: [] }, surroundings);
  const [containers, plan] = await Promise.all([
    observeContainers(loaded.stack.name, surroundings, surroundings.signal),
    foresee(loaded, { load: request }, surroundings),
  ]);
  return tellService(loaded.stack, service, containers, plan);
}
