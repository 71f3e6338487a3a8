import { type LoadRequest, loadStack } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { withChoices } from '../plan/choices.ts';
import { type BuildOptions as PlanOptions, planBuild } from '../plan/images.ts';
import { resolveVariables } from './assignments.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { carryOut, tellLoaded, withPlaces } from './work.ts';

export interface BuildOptions extends Omit<PlanOptions, 'args'> {
  readonly load: LoadRequest;
  /** `NAME=VALUE`, or `NAME` for one of the project's variables. */
  readonly args: readonly string[];
  /** Also what the named services depend on. */
  readonly dependencies: boolean;
}

/** Builds the images of services. */
export async function build(options: BuildOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, dependencies } = options;
  const { signal } = surroundings;
  const loaded = await loadStack({ ...load, resolveEnvironment: false });
  const stack = withChoices(loaded.stack, { services: load.services, alone: !dependencies });
  const chosen = { ...loaded, stack };
  tellLoaded(chosen, surroundings);
  const args = Object.fromEntries(
    resolveVariables(options.args, loaded.variables, load).map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
    }),
  );
  const plan = withPlaces(chosen, () => planBuild(stack, { ...options, args }));
  const problems = await carryOut(plan, 'build', surroundings, signal, chosen);
  return signal.aborted ? interrupted : outcomeOf(problems);
}
