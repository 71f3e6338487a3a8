import type { Outcome } from '../commands/outcome.ts';

let tell = (_: Outcome): void => {};

/** Has someone hear of how the command ended, once all else has been told. */
export function atEnd(listener: (outcome: Outcome) => void): void {
  tell = listener;
}

/** Tells how the command ended; gives the exit code. */
export function end(outcome: Outcome): number {
  tell(outcome);
  return outcome.exitCode;
}
