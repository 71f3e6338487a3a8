import type { LoadRequest } from '../load/load.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type PullOptions as PlanOptions, planPull } from '../plan/images.ts';
import { loadChosen } from './converge.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { carryOut, observeStack, tellLoaded } from './work.ts';

export interface PullOptions extends PlanOptions {
  readonly load: LoadRequest;
  /** Also what the named services depend on. */
  readonly dependencies: boolean;
  /** In the place of every `pull_policy`. */
  readonly policy?: 'missing' | 'always' | undefined;
}

/** Pulls the images of services. */
export async function pull(options: PullOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, dependencies, policy } = options;
  const { signal, emit } = surroundings;
  const loaded = await loadChosen({
    load: { ...load, resolveEnvironment: false },
    alone: !dependencies,
    pull: policy,
  });
  const { stack } = loaded;
  tellLoaded(loaded, surroundings);
  const observed = await observeStack(stack, surroundings, signal);
  const problems = await carryOut(planPull(stack, observed, options), 'pull', surroundings, signal, loaded);
  if (signal.aborted) return interrupted;
  const buildable = problems.flatMap(({ path }) => {
    const name = Object.keys(stack.services).find((service) => path === `services.${service}.image`);
    return name !== undefined && stack.services[name]?.build !== undefined ? [name] : [];
  });
  if (buildable.length > 0) emit({ type: 'problem-found', problem: canBeBuilt(buildable) });
  return outcomeOf(problems);
}

function canBeBuilt(services: readonly string[]): Problem {
  return {
    code: 'image-not-found',
    severity: 'warning',
    message: `${services.join(', ')} can be built from source instead`,
    hint: `run: stack build ${services.join(' ')}`,
  };
}
