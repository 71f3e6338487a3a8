import type { Loaded } from '../load/load.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { examinedBuilds } from '../plan/examined.ts';
import { reasonToBuild, staleImage } from '../plan/stale.ts';
import { observeStack, placed } from './work.ts';

/**
 * The engine's side of a stack, with what is known of its builds. With `take`, what other tools have built counts from now on
 * as made from what there is now; with `certain`, builds that were asked for need not be made if what they give is
 * certain.
 */
export async function observeWithBuilds(
  stack: Stack,
  options: { readonly take: boolean; readonly certain?: boolean },
  surroundings: Surroundings,
): Promise<ObservedState> {
  const { runtime, signal } = surroundings;
  const observing = observeStack(stack, surroundings, signal);
  const examined = examinedBuilds(stack);
  if (examined.length === 0) return observing;
  // Of many files no time is to be lost until the engine has answered.
  const images = observing.then((observed) => observed.images);
  const [observed, builds] = await Promise.all([
    observing,
    runtime.examineBuilds(examined, images, options, signal),
  ]);
  return { ...observed, builds };
}

/** A warning for each of the services whose image would be made from something else now. */
export async function findStaleImages(
  loaded: Loaded,
  services: readonly string[],
  surroundings: Surroundings,
): Promise<readonly Problem[]> {
  const { stack } = loaded;
  const observed = await observeWithBuilds(stack, { take: false }, surroundings);
  return services.flatMap((name) => {
    const because = reasonToBuild(stack, observed, name);
    if (because === undefined) return [];
    return [placed(staleImage(stack, name, because, `build it: stack up -d ${name}`), loaded)];
  });
}
