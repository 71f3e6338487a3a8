import type { ObservedState } from '../model/observed.ts';
import { ProblemsError } from '../model/problem.ts';
import type { Stack } from '../model/stack.ts';
import { tooNewIn } from './features.ts';
import { unsupportedIn } from './unsupported.ts';

/**
 * Refuses what a stack asks for and this engine, or any engine, cannot do: it is never left out in silence. Throws
 * `ProblemsError` with all of it.
 */
export function refuseImpossible(stack: Stack, { apiVersion }: Pick<ObservedState, 'apiVersion'>): void {
  const problems = [...unsupportedIn(stack), ...tooNewIn(stack, apiVersion)];
  if (problems.length > 0) throw new ProblemsError(problems);
}
