import type { Action } from '../model/plan.ts';

/** Lets one in; comes out with what it calls when it is through. */
export type TakeTurn = (signal: AbortSignal) => Promise<() => void>;

/**
 * Lets no more than `most` in at once, in the order in which they came. Where none of those inside comes to an end for `stall`
 * milliseconds they are waiting for something themselves, and as many more are let in. Who is waiting when the signal is
 * aborted is refused with its reason.
 */
export function createTurns(most: number, stall = Number.POSITIVE_INFINITY): TakeTurn {
  let room = most;
  let inside = 0;
  let timer: NodeJS.Timeout | undefined;
  const waiting: (() => void)[] = [];
  const letIn = (): void => {
    clearTimeout(timer);
    while (inside < room && waiting.length > 0) {
      inside++;
      waiting.shift()?.();
    }
    if (inside === 0) room = most;
    if (waiting.length > 0 && Number.isFinite(stall)) timer = setTimeout(widen, stall);
  };
  const widen = (): void => {
    room *= 2;
    letIn();
  };
  const leave = (): void => {
    inside--;
    letIn();
  };
  return async (signal) => {
    signal.throwIfAborted();
    if (inside < room) {
      inside++;
      return leave;
    }
    await new Promise<void>((enter, refuse) => {
      const enterLater = (): void => {
        signal.removeEventListener('abort', giveUp);
        enter();
      };
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(enterLater), 1);
        refuse(signal.reason);
      };
      waiting.push(enterLater);
      signal.addEventListener('abort', giveUp, { once: true });
      if (waiting.length === 1) letIn();
    });
    return leave;
  };
}

/** Containers that are killed at once: an engine that takes 50 of them apart at the same time needs half as long again for them. */
const mostKilled = 8;
/** Containers that are asked to end at once; more, as their programs may take their time. */
const mostStopped = 16;
/** Milliseconds in which one of so many comes to its end, unless they all take the time that they are given. */
const longestEnd = 500;

/** The turn that an action has to wait for that ends a container. */
export function turnsOfEnds(): (action: Action) => TakeTurn | undefined {
  const toKill = createTurns(mostKilled, longestEnd);
  const toStop = createTurns(mostStopped, longestEnd);
  return (action) => {
    if (action.kind === 'restart-container') return toStop;
    if (action.kind === 'stop-container') return action.removed === undefined ? toStop : toKill;
    return action.kind === 'remove-container' ? toKill : undefined;
  };
}
