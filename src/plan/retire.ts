import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import type { ContainerRef, StepId, StopContainer } from '../model/plan.ts';
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
  more: Pick<StopContainer, 'removed'> = {},
): StepId {
  const ready = addHooks(list, stack, { ...container, name: current.name }, 'pre_stop', after);
  return list.add({ kind: 'stop-container', container, id: current.id, ...more }, because, path, ready);
}

/**
 * How a container stops that is removed next; `timeout`: seconds that it has in the place of its own. Only where another one
 * takes its place or nothing of the project runs on: who looks on takes one that goes with a single call for one that
 * vanished, and would make it anew.
 */
export function stopForGood(
  { labels }: ObservedContainer,
  volumes: boolean,
  timeout?: number,
): Pick<StopContainer, 'removed'> {
  const isKilled = timeout === undefined ? labels[label.grace] === '0' : timeout === 0;
  return isKilled ? { removed: { volumes } } : {};
}

/** Stops and removes a container; `manner`: see `stopForGood`. */
export function retire(
  list: StepList,
  stack: Stack,
  ref: ContainerRef,
  old: ObservedContainer,
  because: string,
  path: string,
  after: readonly StepId[],
  manner: Pick<StopContainer, 'removed'> = {},
): StepId {
  const stopped = isAlive(old) ? [stop(list, stack, ref, old, because, path, after, manner)] : after;
  return list.add(
    { kind: 'remove-container', container: ref, id: old.id, volumes: false },
    because,
    path,
    stopped,
  );
}
