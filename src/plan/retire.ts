import { isAlive, type ObservedContainer } from '../model/observed.ts';
import type { ContainerRef, StepId } from '../model/plan.ts';
import type { Stack } from '../model/stack.ts';
import { addHooks } from './hooks.ts';
import type { StepList } from './steps.ts';

/** Stops a container, after its hooks. */
export function stop(
  list: StepList,
  stack: Stack,
  container: ContainerRef,
  current: ObservedContainer,
  because: string,
  path: string,
  after: readonly (StepId | undefined)[],
): StepId {
  const ready = addHooks(list, stack, { ...container, name: current.name }, 'pre_stop', after);
  return list.add({ kind: 'stop-container', container, id: current.id }, because, path, ready);
}

/** Stops and removes a container. */
export function retire(
  list: StepList,
  stack: Stack,
  ref: ContainerRef,
  old: ObservedContainer,
  because: string,
  path: string,
  after: readonly StepId[],
): StepId {
  const stopped = isAlive(old) ? [stop(list, stack, ref, old, because, path, after)] : after;
  return list.add(
    { kind: 'remove-container', container: ref, id: old.id, volumes: false },
    because,
    path,
    stopped,
  );
}
