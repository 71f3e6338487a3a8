import type { Loaded } from '../load/load.ts';
import { readDuration } from '../load/tables/duration.ts';
import type { ContainerChanged, PlanMade } from '../model/event.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { Action, Plan } from '../model/plan.ts';
import { type Problem, ProblemsError, problemsOf } from '../model/problem.ts';
import type { Found, ObserveRequest, Surroundings } from '../model/runtime.ts';
import { imageOf, originOf, type Service, type Stack } from '../model/stack.ts';
import { describePlan, formatPlan } from '../plan/format.ts';
import { execute } from '../run/execute.ts';
import { refuseUntrusted } from './demands.ts';

/** The stages that commands have in common: tell what was loaded, look at the engine, carry out a plan. */

/** Tells what was loaded and what is doubtful about it. */
export function tellLoaded({ stack, warnings }: Loaded, { emit }: Surroundings): void {
  const services = Object.entries(stack.services).map(([name, service]) => ({
    name,
    image: imageOf(stack, name, service),
    built: service.build !== undefined,
    dependsOn: Object.keys(service.depends_on ?? {}),
    ...healthIntervalOf(service),
  }));
  emit({ type: 'stack-loaded', name: stack.name, directory: stack.directory, files: stack.files, services });
  for (const problem of warnings) emit({ type: 'problem-found', problem });
}

function healthIntervalOf({ healthcheck }: Service): { readonly healthInterval?: number } {
  const interval = readDuration(healthcheck?.interval ?? '');
  return interval === undefined ? {} : { healthInterval: Number(interval / 1_000_000n) };
}

/** The engine's side of a stack. */
export function observeStack(
  stack: Stack,
  { runtime }: Pick<Surroundings, 'runtime'>,
  signal: AbortSignal,
): Promise<ObservedState> {
  return runtime.observe({ project: stack.name, ...objectsOf(stack) }, signal);
}

/** How containers are, as it is told, but not one-off ones. */
export function changesOf(containers: readonly ObservedContainer[]): readonly ContainerChanged[] {
  return containers
    .filter(({ oneOff }) => !oneOff)
    .map(({ service, number, id, name, state, health, exitCode, ports }) => ({
      type: 'container-changed',
      service,
      number,
      id,
      name,
      state,
      ...(health === undefined ? {} : { health }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ports,
    }));
}

/** What a stack names on the engine, whoever made it. */
export function objectsOf(stack: Stack): Omit<ObserveRequest, 'project'> {
  const images = Object.entries(stack.services).flatMap(([name, service]) => [
    ...(service.provider === undefined ? [imageOf(stack, name, service)] : []),
    ...(service.pre_start ?? []).flatMap(({ image }) => image ?? []),
    ...(service.volumes ?? []).flatMap((mount) => (mount.type === 'image' ? (mount.source ?? []) : [])),
  ]);
  return {
    images: [...new Set(images)],
    networks: Object.values(stack.networks).map((network) => network.name),
    volumes: [
      ...Object.values(stack.volumes).map((volume) => volume.name),
      ...Object.values(stack.cloned ?? {}),
    ],
  };
}

/**
 * Tells the plan, carries it out, and gives what went wrong, each problem with its place in the file if it has one.
 * When the signal is aborted nothing new begins, and what takes long is broken off; what is done in one short call is let
 * finish, unless `force` is aborted or the engine takes too long: a call that is cut leaves open whether the engine still
 * carries it out. What programs tell that stand for services goes to `found`. A rehearsal ends when the plan is told.
 */
export async function carryOut(
  plan: Plan,
  purpose: PlanMade['purpose'],
  surroundings: Surroundings,
  signal: AbortSignal,
  loaded?: Loaded,
  found?: (found: Found) => void,
): Promise<readonly Problem[]> {
  const { runtime, emit, force, rehearse } = surroundings;
  for (const problem of plan.warnings) emit({ type: 'problem-found', problem: placed(problem, loaded) });
  const { unbuilt } = plan;
  emit({ type: 'plan-made', purpose, ...(unbuilt && { unbuilt }), steps: describePlan(plan) });
  if (rehearse !== undefined) {
    rehearse(formatPlan(plan));
    return [];
  }
  if (loaded !== undefined) await refuseUntrusted(plan, loaded, surroundings);
  const unlisten = plan.steps.some(({ action }) => waits(action))
    ? runtime.listen(plan.stack.name)
    : undefined;
  const late = laterThan(signal, longestCall);
  const shortly = AbortSignal.any([force, late.signal]);
  try {
    const { problems } = await execute(plan, {
      signal,
      perform: (action, stepSignal, progress) =>
        runtime.perform(action, {
          project: plan.stack.name,
          signal: takesLong(action) ? stepSignal : shortly,
          beginning: stepSignal,
          progress,
          doubt: (problem) => emit({ type: 'problem-found', problem: placed(problem, loaded) }),
          probed: emit,
          contents: loaded?.contents ?? new Map(),
          variables: loaded?.variables ?? new Map(),
          ...(found === undefined ? {} : { found }),
        }),
      emit: (event) =>
        emit(event.type === 'step-failed' ? { ...event, problem: placed(event.problem, loaded) } : event),
    });
    return problems.map((problem) => placed(problem, loaded));
  } finally {
    unlisten?.();
    late.stop();
  }
}

/** Whether an action waits until a container is as it has to be. */
function waits(action: Action): boolean {
  return (
    action.kind === 'await-condition' || (action.kind === 'start-container' && action.beside !== undefined)
  );
}

/** How long what is to be let finish may go on once the end has been asked for, in milliseconds. */
const longestCall = 10_000;

/** A signal that is aborted so many milliseconds after another one. */
function laterThan(
  signal: AbortSignal,
  milliseconds: number,
): { readonly signal: AbortSignal; stop(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => late.abort(), milliseconds);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: late.signal,
    stop() {
      clearTimeout(timer);
      signal.removeEventListener('abort', begin);
    },
  };
}

function takesLong(action: Action): boolean {
  return longKinds.has(action.kind) || waits(action);
}

const longKinds: ReadonlySet<Action['kind']> = new Set([
  'pull-image',
  'push-image',
  'build-image',
  'run-hook',
  'run-pre-start',
  'provide-service',
  'withdraw-service',
  'prepare-model',
  'clone-volume',
  'keep-volume',
  'stop-container',
  'restart-container',
  'drain-container',
]);

/** Makes a plan; if that is not possible, the problems that it throws get their places. */
export function withPlaces<T>(loaded: Loaded, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new ProblemsError(problemsOf(error).map((problem) => placed(problem, loaded)));
  }
}

/** A problem that names a path of the stack gets the place where that was written. */
export function placed(problem: Problem, loaded: Loaded | undefined): Problem {
  if (loaded === undefined || problem.path === undefined) return problem;
  const location = problem.location ?? originOf(loaded.stack, problem.path);
  if (location === undefined) return problem;
  const sourceLine = problem.sourceLine ?? loaded.sourceLine(location);
  return { ...problem, location, ...(sourceLine === undefined ? {} : { sourceLine }) };
}
