import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type BuildOptions as PlanOptions, planBuild } from '../plan/images.ts';
import { assignedVariables } from './assignments.ts';
import { loadChosen } from './converge.ts';
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
  const loaded = await loadChosen({
    load: { ...load, resolveEnvironment: false },
    alone: !dependencies,
  });
  const { stack } = loaded;
  tellLoaded(loaded, surroundings);
  const args = assignedVariables(options.args, loaded.variables, load);
  const plan = withPlaces(loaded, () => planBuild(stack, { ...options, args }));
  const problems = await carryOut(plan, 'build', surroundings, signal, loaded);
  return signal.aborted ? interrupted : outcomeOf(problems);
}
