import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planPush } from '../plan/images.ts';
import { loadChosen } from './converge.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { carryOut, tellLoaded } from './work.ts';

export interface PushOptions {
  readonly load: LoadRequest;
  /** Also what the named services depend on. */
  readonly dependencies: boolean;
  /** That an image cannot be pushed is no failure. */
  readonly ignoreFailures: boolean;
}

/** Pushes the images that services build to their registries. */
export async function push(options: PushOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, dependencies } = options;
  const { signal } = surroundings;
  const loaded = await loadChosen({
    load: { ...load, resolveEnvironment: false },
    alone: !dependencies,
  });
  const { stack } = loaded;
  tellLoaded(loaded, surroundings);
  const problems = await carryOut(planPush(stack, options), 'push', surroundings, signal, loaded);
  return signal.aborted ? interrupted : outcomeOf(problems);
}
