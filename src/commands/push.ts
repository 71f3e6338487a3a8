import { type LoadRequest, loadStack } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { withChoices } from '../plan/choices.ts';
import { planPush } from '../plan/images.ts';
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
  const loaded = await loadStack({ ...load, resolveEnvironment: false });
  const stack = withChoices(loaded.stack, { services: load.services, alone: !dependencies });
  const chosen = { ...loaded, stack };
  tellLoaded(chosen, surroundings);
  const problems = await carryOut(planPush(stack, options), 'push', surroundings, signal, chosen);
  return signal.aborted ? interrupted : outcomeOf(problems);
}
