import type { ObservedState } from '../model/observed.ts';
import type { Stack } from '../model/stack.ts';
import { refuseTooNew } from './features.ts';
import { refuseUnsupported } from './unsupported.ts';

/**
 * Refuses what a stack asks for and this engine, or any engine, cannot do: it is never left out in silence. Throws
 * `ProblemsError`.
 */
export function refuseImpossible(stack: Stack, { apiVersion }: Pick<ObservedState, 'apiVersion'>): void {
  refuseUnsupported(stack);
  refuseTooNew(stack, apiVersion);
}
