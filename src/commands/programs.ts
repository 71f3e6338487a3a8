import type { Loaded } from '../load/load.ts';
import type { PlanMade } from '../model/event.ts';
import type { Problem } from '../model/problem.ts';
import type { Found, Surroundings } from '../model/runtime.ts';
import { planProvided, withProvided } from '../plan/provided.ts';
import { carryOut } from './work.ts';

export interface Asked {
  /** With what the programs told in the environment of those services that it is for. */
  readonly loaded: Loaded;
  readonly problems: readonly Problem[];
  /** Whether there was a program to ask. */
  readonly any: boolean;
}

/** Has the programs do their part that stand for services and models of a stack, or of some of its services. */
export async function askPrograms(
  loaded: Loaded,
  purpose: PlanMade['purpose'],
  surroundings: Surroundings,
  stack = loaded.stack,
): Promise<Asked> {
  const plan = planProvided(stack);
  if (plan.steps.length === 0) return { loaded, problems: [], any: false };
  const found: Found[] = [];
  const problems = await carryOut(plan, purpose, surroundings, surroundings.signal, loaded, (one) => {
    found.push(one);
  });
  return { loaded: { ...loaded, stack: withProvided(loaded.stack, found) }, problems, any: true };
}
