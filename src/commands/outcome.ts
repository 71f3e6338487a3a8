import type { Problem } from '../model/problem.ts';

/** How a command ended. Exit codes are part of the contract; the README lists them. */
export interface Outcome {
  readonly exitCode: number;
  readonly problems: readonly Problem[];
  /** Nothing had to be done, and as long as what was looked at stays as it is nothing has to be. */
  readonly lasting?: true;
}

export const succeeded: Outcome = { exitCode: 0, problems: [] };

/** Ended by Ctrl-C or a signal, as shells count it. */
export const interrupted: Outcome = { exitCode: 130, problems: [] };

export function outcomeOf(problems: readonly Problem[]): Outcome {
  return { exitCode: problems.some((problem) => problem.severity === 'error') ? 1 : 0, problems };
}
