import { type Changes, joinChanges } from '../plan/watch.ts';

/** Does one thing after the other; what comes meanwhile is put together. */
export interface Worker {
  add(changes: Changes): void;
  /** Resolves when nothing is under way any more. */
  finish(): Promise<void>;
}

/**
 * Acts on changes as they come. A change that needs a new build makes the one that is under way pointless: `superseded` is
 * aborted then. What an action gives back is not done yet and is tried again together with the next change. Nothing begins
 * after `until`.
 */
export function createWorker(
  act: (changes: Changes, superseded: AbortSignal) => Promise<Changes | undefined>,
  until: AbortSignal,
): Worker {
  let waiting: Changes | undefined;
  let left: Changes | undefined;
  let superseding = new AbortController();
  let running: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    while (waiting !== undefined && !until.aborted) {
      const changes = joinChanges(left, waiting);
      waiting = undefined;
      superseding = new AbortController();
      left = await act(changes, superseding.signal);
    }
    running = undefined;
  };

  return {
    add(changes) {
      waiting = joinChanges(waiting, changes);
      if (changes.rebuild) superseding.abort();
      running ??= work();
    },
    async finish() {
      await running;
    },
  };
}
