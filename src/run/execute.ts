import type { Emit, Progress } from '../model/event.ts';
import type { Action, Plan, Step, StepId } from '../model/plan.ts';
import { type Problem, problemsOf } from '../model/problem.ts';

export interface ExecuteContext {
  /** Carries out one action; rejects with `ProblemsError`. */
  readonly perform: (
    action: Action,
    signal: AbortSignal,
    progress: (progress: Progress) => void,
  ) => Promise<void>;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface Execution {
  /** What went wrong, in the order in which it did; empty if every step succeeded. */
  readonly problems: readonly Problem[];
}

/**
 * Walks a plan: each step begins as soon as those it follows have succeeded, all that can run at once do. A failed step
 * takes along only the steps that follow it. Once the signal is aborted nothing new begins. Never throws.
 */
export async function execute(plan: Plan, context: ExecuteContext): Promise<Execution> {
  const problems: Problem[] = [];
  const outcomes = new Map<StepId, Promise<Outcome>>();
  // Steps come after those they follow, so that their outcomes are there to be waited for.
  for (const step of plan.steps) {
    const before = step.after.map((id) => outcomes.get(id)).filter((outcome) => outcome !== undefined);
    outcomes.set(step.id, runStep(step, before, context, problems));
  }
  await Promise.all(outcomes.values());
  return { problems };
}

interface Outcome {
  readonly succeeded: boolean;
  readonly step: Step;
}

async function runStep(
  step: Step,
  before: readonly Promise<Outcome>[],
  { perform, emit, signal }: ExecuteContext,
  problems: Problem[],
): Promise<Outcome> {
  const failed = (await Promise.all(before)).find((outcome) => !outcome.succeeded);
  if (failed !== undefined || signal.aborted) {
    const because = failed === undefined ? 'interrupted' : `${failed.step.id} did not succeed`;
    emit({ type: 'step-skipped', id: step.id, because });
    return { succeeded: false, step };
  }
  const { id, action } = step;
  const began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  emit({ type: 'step-started', id });
  try {
    await perform(action, signal, (progress) => emit({ type: 'step-progressed', id, progress }));
    emit({ type: 'step-finished', id, milliseconds: elapsed() });
    return { succeeded: true, step };
  } catch (thrown) {
    if (signal.aborted) {
      emit({ type: 'step-skipped', id, because: 'interrupted' });
      return { succeeded: false, step };
    }
    const optional = 'optional' in action && action.optional === true;
    const told = problemsOf(thrown).map(
      (problem): Problem => ({ path: step.path, ...problem, ...(optional ? { severity: 'warning' } : {}) }),
    );
    for (const problem of told) emit({ type: 'step-failed', id, milliseconds: elapsed(), problem });
    const errors = told.filter((problem) => problem.severity === 'error');
    problems.push(...errors);
    return { succeeded: errors.length === 0, step };
  }
}
