import type { Loaded } from '../load/load.ts';
import type { PlanMade } from '../model/event.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { imageOf, originOf, type Stack } from '../model/stack.ts';
import { describePlan } from '../plan/format.ts';
import { execute } from '../run/execute.ts';

/** The stages that commands have in common: tell what was loaded, look at the engine, carry out a plan. */

/** Tells what was loaded and what is doubtful about it. */
export function tellLoaded({ stack, warnings }: Loaded, { emit }: Surroundings): void {
  const services = Object.entries(stack.services).map(([name, service]) => ({
    name,
    image: imageOf(stack, name, service),
    built: service.build !== undefined,
    dependsOn: Object.keys(service.depends_on ?? {}),
  }));
  emit({ type: 'stack-loaded', name: stack.name, directory: stack.directory, files: stack.files, services });
  for (const problem of warnings) emit({ type: 'problem-found', problem });
}

/** The engine's side of a stack. */
export function observeStack(
  stack: Stack,
  { runtime }: Surroundings,
  signal: AbortSignal,
): Promise<ObservedState> {
  return runtime.observe(
    {
      project: stack.name,
      images: [
        ...new Set(Object.entries(stack.services).map(([name, service]) => imageOf(stack, name, service))),
      ],
      networks: Object.values(stack.networks).map((network) => network.name),
      volumes: Object.values(stack.volumes).map((volume) => volume.name),
    },
    signal,
  );
}

/** Tells the plan, carries it out, and gives what went wrong, each problem with its place in the file if it has one. */
export async function carryOut(
  plan: Plan,
  purpose: PlanMade['purpose'],
  surroundings: Surroundings,
  signal: AbortSignal,
  loaded?: Loaded,
): Promise<readonly Problem[]> {
  const { runtime, emit } = surroundings;
  for (const problem of plan.warnings) emit({ type: 'problem-found', problem: placed(problem, loaded) });
  emit({ type: 'plan-made', purpose, steps: describePlan(plan) });
  const { problems } = await execute(plan, {
    signal,
    perform: (action, stepSignal, progress) =>
      runtime.perform(action, { project: plan.stack.name, signal: stepSignal, progress }),
    emit: (event) =>
      emit(event.type === 'step-failed' ? { ...event, problem: placed(event.problem, loaded) } : event),
  });
  return problems.map((problem) => placed(problem, loaded));
}

/** A problem that names a path of the stack gets the place where that was written. */
function placed(problem: Problem, loaded: Loaded | undefined): Problem {
  if (loaded === undefined || problem.path === undefined) return problem;
  const location = problem.location ?? originOf(loaded.stack, problem.path);
  if (location === undefined) return problem;
  const sourceLine = problem.sourceLine ?? loaded.sourceLine(location);
  return { ...problem, location, ...(sourceLine === undefined ? {} : { sourceLine }) };
}
