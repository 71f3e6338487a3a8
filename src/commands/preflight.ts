import { checkDisk } from '../load/check/disk.ts';
import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { requiredVariable } from '../load/variables/interpolate.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { type Problem, ProblemsError, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { originOf } from '../model/stack.ts';
import { missingExternals } from '../plan/objects.ts';
import {
  findHindrances,
  hasNewcomers,
  type Needs,
  needsMachine,
  needsNeighbours,
  needsOf,
  needsOfAll,
  relevant,
  type VariableAt,
} from '../plan/preflight.ts';
import { untrusted } from './demands.ts';
import { gathered } from './gathered.ts';
import { observeStack, placed } from './work.ts';

/** What is needed to look at an engine. */
export type Onlooking = Pick<Surroundings, 'runtime' | 'engineIsHere' | 'signal'>;

/** What is looked at before anything is made: all that stands in the way is told at once, and then nothing is. */

/**
 * Loads by `load`. If that is not possible, throws what is wrong together with all else that would be in the way, as far
 * as it can be known of a stack that is not whole.
 */
export async function loadOrTellAll(
  load: () => Promise<Loaded>,
  request: LoadRequest,
  surroundings: Surroundings,
): Promise<Loaded> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const loaded = await loadInPart(request, error.problems);
    if (loaded === undefined) throw error;
    const more = await hindrancesInPart(loaded, surroundings);
    throw new ProblemsError(gathered([...error.problems, ...more], loaded.read));
  }
}

/** What stands for the value of a variable that has none; what is told of a place where it stands is not true. */
const standIn = 'stack-unset';

/** The stack with something in the place of variables that need a value, and without env files. */
export async function loadInPart(
  request: LoadRequest,
  problems: readonly Problem[],
): Promise<Loaded | undefined> {
  const missing = problems.flatMap((problem) => requiredVariable(problem) ?? []);
  const given = Object.fromEntries(missing.map((name) => [name, standIn]));
  const environment = { ...request.environment, ...given };
  const { complete: _, ...others } = request;
  try {
    return await loadStack({ ...others, environment, resolveEnvironment: false });
  } catch (error) {
    if (error instanceof ProblemsError) return undefined;
    throw error;
  }
}

/** What is in the way of a stack that was loaded in part. */
export async function hindrancesInPart(loaded: Loaded, surroundings: Onlooking): Promise<readonly Problem[]> {
  const { stack } = loaded;
  try {
    const observed = await observeStack(stack, surroundings, surroundings.signal);
    const { problems } = await hindrances(loaded, needsOfAll(stack, observed), observed, surroundings);
    return problems.filter((problem) => !JSON.stringify(problem).includes(standIn));
  } catch (error) {
    surroundings.signal.throwIfAborted();
    // That there is no engine is one more thing in the way.
    const missing = checkDisk(stack);
    return [...problemsOf(error), ...missing.map((problem) => placed(problem, loaded))];
  }
}

/**
 * Throws `ProblemsError` with all that stands in the way of plans that are carried out one after the other, warnings among
 * them; tells warnings if there is nothing else. `failed`: what kept a plan from being made. For plans that change nothing
 * nothing is looked at. With `mayLookAgain` nothing is told, and it is true, if the project should be observed again: see
 * `hasNewcomers`.
 */
export async function preflight(
  loaded: Loaded,
  plans: readonly Plan[],
  failed: readonly Problem[],
  observed: ObservedState,
  surroundings: Surroundings,
  mayLookAgain = false,
): Promise<boolean> {
  const needs = failed.length > 0 ? needsOfAll(loaded.stack, observed) : needsOf(loaded.stack, plans);
  const [hindering, unagreed] = await Promise.all([
    hindrances(loaded, needs, observed, surroundings),
    untrusted(loaded, surroundings),
  ]);
  if (mayLookAgain && hindering.isOutdated) return true;
  const found = [...unagreed, ...failed, ...hindering.problems];
  if (found.some(({ severity }) => severity === 'error'))
    throw new ProblemsError(gathered(found, loaded.read));
  for (const problem of found) surroundings.emit({ type: 'problem-found', problem });
  return false;
}

/** What stands in the way of a stack as a whole, whatever of it is there already. */
export async function hindrancesOf(loaded: Loaded, surroundings: Onlooking): Promise<readonly Problem[]> {
  const observed = await observeStack(loaded.stack, surroundings, surroundings.signal);
  return (await hindrances(loaded, needsOfAll(loaded.stack, observed), observed, surroundings)).problems;
}

interface Hindrances {
  readonly problems: readonly Problem[];
  /** The project is not any more as it was observed. */
  readonly isOutdated: boolean;
}

async function hindrances(
  loaded: Loaded,
  needs: Needs,
  observed: ObservedState,
  { runtime, engineIsHere, signal }: Onlooking,
): Promise<Hindrances> {
  const { stack } = loaded;
  if (!needsNeighbours(needs)) return { problems: [], isOutdated: false };
  const request = { ports: needs.ports, machine: needsMachine(stack, needs) };
  const [missing, neighbours] = [checkDisk(stack), await runtime.lookAround(request, signal)];
  const problems = [
    ...relevant(missing, stack, needs, engineIsHere),
    ...missingExternals(stack, observed),
    ...findHindrances(stack, needs, observed, neighbours, variableIn(loaded)),
  ].map((problem) => placed(problem, loaded));
  return { problems, isOutdated: hasNewcomers(stack, needs, observed, neighbours) };
}

/** The variable in the line of a path that has a value there: `"${WEB_PORT:-8000}:80"`. */
function variableIn({ stack, sourceLine, variables }: Loaded): VariableAt {
  return (path, value) => {
    const location = originOf(stack, path);
    const line = location === undefined ? undefined : sourceLine(location);
    for (const [, name = '', standard] of line?.matchAll(/\$\{([A-Za-z_]\w*)(?::?-([^{}]*))?\}/g) ?? [])
      if ((variables.get(name) || standard) === value) return name;
    return undefined;
  };
}
