import type { ContainerRef, StepId } from '../model/plan.ts';
import type { Stack } from '../model/stack.ts';
import type { StepList } from './steps.ts';

/**
 * Runs the hooks of a container one after the other, the first after the steps given; gives the steps to go on from. Only
 * the file knows hooks: without a stack there are none.
 */
export function addHooks(
  list: StepList,
  stack: Pick<Stack, 'services'> | undefined,
  container: ContainerRef,
  phase: 'post_start' | 'pre_stop',
  after: readonly (StepId | undefined)[],
): readonly (StepId | undefined)[] {
  const hooks = stack?.services[container.service]?.[phase] ?? [];
  let before = after;
  for (const [index, hook] of hooks.entries()) {
    const because = phase === 'post_start' ? 'it has started' : 'it is about to stop';
    const path = `services.${container.service}.${phase}[${index}]`;
    before = [list.add({ kind: 'run-hook', container, hook, phase, index }, because, path, before)];
  }
  return before;
}
