import type { Action } from '../model/plan.ts';

/** Waits for a place; comes out with what gives it back. */
export type TakeTurn = () => Promise<() => void>;

/**
 * Has so many places, which are given in the order in which they are asked for. Who has one for longer than `patience`
 * milliseconds no longer keeps others waiting.
 */
export function createTurns(most: number, patience = Number.POSITIVE_INFINITY): TakeTurn {
  let free = most;
  const waiting: (() => void)[] = [];
  const giveBack = (): void => {
    // Whoever waits takes over the place.
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return async () => {
    if (free === 0) await new Promise<void>((proceed) => waiting.push(proceed));
    else free--;
    let isHeld = true;
    const leave = (): void => {
      clearTimeout(timer);
      if (isHeld) giveBack();
      isHeld = false;
    };
    const timer = Number.isFinite(patience) ? setTimeout(leave, patience) : undefined;
    return leave;
  };
}

/** Containers that are killed at once: an engine that takes 50 of them apart at the same time needs half as long again for them. */
const mostKilled = 8;
/** In milliseconds: what takes longer hangs, or the machine is so slow that it does not matter. */
const longestKill = 2000;

/** For the actions that kill a container or remove it: the turn each has to wait for. A program that may take its time waits for none. */
export function turnsOfKills(): (action: Action) => TakeTurn | undefined {
  const takeTurn = createTurns(mostKilled, longestKill);
  return (action) => (kills(action) ? takeTurn : undefined);
}

function kills(action: Action): boolean {
  if (action.kind === 'stop-container') return action.removed !== undefined || action.timeout === 0;
  if (action.kind === 'kill-container') return action.signal === undefined;
  return action.kind === 'remove-container';
}
