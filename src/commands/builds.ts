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
 * as made from what there is now.
 */
export async function observeWithBuilds(
  stack: Stack,
  { take }: { readonly take: boolean },
  surroundings: Surroundings,
): Promise<ObservedState> {
  const { runtime, signal } = surroundings;
  const observed = await observeStack(stack, surroundings, signal);
  const examined = examinedBuilds(stack, observed.images);
  if (examined.length === 0) return observed;
  return { ...observed, builds: await runtime.examineBuilds(examined, { take }, signal) };
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
