import type { Loaded } from '../load/load.ts';
import { failure, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { chosenServices } from '../plan/choices.ts';
import { containerRef } from '../plan/container.ts';
import { replicasOf } from '../plan/decide.ts';
import { isBoundToTime } from '../plan/images.ts';
import { openedPorts, reachable } from '../plan/reachable.ts';
import { keptImages } from '../plan/superseded.ts';
import { isWatchable, type WatchedService } from '../plan/watch.ts';
import { type Published, publishedBy, tellAnswers } from './answers.ts';
import { type Attendance, attend } from './attend.ts';
import type { Onlooker } from './company.ts';
import { type ConvergeOptions, converge, loadChosen, loadToConverge } from './converge.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { tellingStatesOfSteps } from './states.ts';
import { stopStack } from './stop.ts';
import { initialFilesOf, notWatched, readWatched } from './watched.ts';
import { changesOf, tellLoaded } from './work.ts';

export interface UpOptions extends Omit<ConvergeOptions, 'until' | 'start'> {
  /** Return once the stack runs instead of staying with it. */
  readonly detach: boolean;
  /** And only once all of it is ready. */
  readonly wait?: boolean;
  /** Act on files of services that change; if it must be, it is a failure that there are none. */
  readonly watch: boolean | 'must';
  /** Whose output is told; absent: that of the chosen services that do not decline. */
  readonly follow?: FollowChoice;
  /** Stop all once a container has ended, or has failed. */
  readonly abortOn?: 'exit' | 'failure' | undefined;
  /** The service whose exit code is that of the command. */
  readonly exitCodeFrom?: string | undefined;
  /** What has ended with an error is no failure of the command, unless others wait for it: as with Docker Compose. */
  readonly lenient?: boolean;
  /** With `detach`: tell what happens to the containers until then. */
  readonly tellStates?: boolean;
  /** Without `detach`: someone who looks on and can act. */
  readonly onlooker?: Onlooker;
}

export interface FollowChoice {
  /** None but these. */
  readonly only: readonly string[];
  readonly not: readonly string[];
  /** Also those that the chosen ones depend on. */
  readonly dependencies: boolean;
}

/** Brings the stack up; attached, stays with it until it is told to end or everything has ended. */
export async function up(options: UpOptions, surroundings: Surroundings): Promise<Outcome> {
  const loaded = await loadToConverge(options, surroundings);
  const { stack } = loaded;
  const followed = followedServices(stack, options);
  if (options.exitCodeFrom !== undefined) refuseUnknown(stack, [options.exitCodeFrom]);
  if (options.lenient === true && Object.keys(stack.services).length === 0) throw nothingSelected();
  tellLoaded(loaded, surroundings);
  if (options.watch === 'must' && !Object.values(stack.services).some(isWatchable)) throw notWatched();
  if (options.detach) {
    const raise = (told: Surroundings) => bringUp(loaded, options, told);
    return options.tellStates === true
      ? tellingStatesOfSteps(stack.name, surroundings, raise)
      : raise(surroundings);
  }
  return stayWith(loaded, followed, options, surroundings);
}

/** Reaches the state the file describes; the outcome says whether all that was asked for runs. */
async function bringUp(
  loaded: Loaded,
  options: UpOptions,
  surroundings: Surroundings,
  later?: (silent: readonly Published[]) => void,
): Promise<Outcome> {
  const { signal, emit } = surroundings;
  const began = performance.now();
  const { problems, changed, ...seen } = await converge(loaded, wishOf(options), 'up', surroundings);
  if (signal.aborted) return interrupted;
  // The verdict is told after the states it rests on, with the ports that are known only now; following may lag behind.
  const containers =
    seen.containers ?? (await surroundings.runtime.observeContainers(loaded.stack.name, signal));
  const own = containers.filter(({ service }) => loaded.stack.services[service] !== undefined);
  changesOf(own).forEach(emit);
  if (problems.length > 0) return outcomeOf(problems);
  const { addresses } = surroundings;
  const open = addresses === undefined ? [] : openedPorts(loaded.stack, containers);
  // To ask for the addresses takes a while.
  const opened = open.length === 0 ? [] : reachable(loaded.stack, open, addresses?.() ?? []);
  for (const problem of opened) emit({ type: 'problem-found', problem });
  const milliseconds = Math.round(performance.now() - began);
  const silent =
    options.lenient === true
      ? []
      : await tellAnswers(publishedBy(own), options.wait === true ? 1000 : 150, surroundings, signal);
  if (signal.aborted) return interrupted;
  later?.(silent);
  emit({ type: 'stack-ready', milliseconds, changed });
  // Steps of any kind change what was seen before them.
  const isAsSeen = seen.containers !== undefined;
  const isTimed = Object.values(loaded.stack.services).some(({ pull_policy: policy }) =>
    isBoundToTime(policy),
  );
  const lasting = isAsSeen && silent.length === 0 && !isTimed;
  return { ...outcomeOf([]), ...(lasting && { lasting }) };
}

function wishOf(options: UpOptions): ConvergeOptions {
  const settles = options.detach && options.lenient !== true;
  const until = options.wait === true ? 'ready' : settles ? 'settled' : undefined;
  const kept = options.lenient === true ? undefined : keptImages;
  return { ...options, keptImages: kept, ...(until !== undefined && { until }) };
}

/** How long ports are asked that did not answer when all ran, in milliseconds. */
const patience = 120_000;

async function stayWith(
  loaded: Loaded,
  followed: readonly string[],
  options: UpOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { signal } = surroundings;
  const { stack } = loaded;
  // As with Docker Compose, what the named services depend on goes on running: others may use it.
  const chosen = chosenServices(stack, options.load.services);
  const watched = options.watch !== false ? await readWatchedIfPossible(loaded, surroundings) : undefined;
  const attendance = attend(
    {
      ...options,
      project: stack.name,
      services: Object.keys(stack.services),
      loaded,
      reload: () => loadChosen(options),
      raise: async (latest) => {
        const initialFiles = await initialFilesOf(await readWatched(latest, surroundings), surroundings);
        const wish = wishOf({ ...options, initialFiles });
        return (await converge(latest, wish, 'change', surroundings)).problems;
      },
      // Docker Compose does not act on its own files.
      load: options.lenient === true ? undefined : options.load,
      watched,
      followed,
      sources: sourcesOf(stack, followed),
      chosen,
      supervise: options.lenient !== true && options.abortOn === undefined,
    },
    surroundings,
  );
  const starting = {
    ...surroundings,
    emit: attendance.emit,
    signal: AbortSignal.any([signal, attendance.aborting]),
  };
  const stop = async (): Promise<void> => {
    const latest = attendance.loaded() ?? loaded;
    const own = options.load.services.length > 0 ? chosen : Object.keys(latest.stack.services);
    await stopStack(latest, own, surroundings, options.timeout, !signal.aborted);
  };
  const ending = new AbortController();
  let asking: Promise<unknown> | undefined;
  const later = (silent: readonly Published[]): void => {
    const until = AbortSignal.any([starting.signal, surroundings.leave, ending.signal]);
    if (silent.length > 0) asking = tellAnswers(silent, patience, surroundings, until);
  };
  try {
    const initialFiles = await initialFilesOf(watched ?? [], surroundings);
    const began = await bringUp(loaded, { ...options, initialFiles }, starting, later).catch(
      (error: unknown) => {
        if (starting.signal.aborted) return interrupted;
        const problems = problemsOf(error);
        if (!attendance.isMendable(problems)) throw error;
        for (const problem of problems) surroundings.emit({ type: 'problem-found', problem });
        return outcomeOf(problems);
      },
    );
    const isStuck = began.exitCode === 1 && !attendance.isMendable(began.problems);
    if (isStuck && !(await attendance.runsOn())) return began;
    const end = signal.aborted ? interrupted : await attendance.ended(began);
    if (signal.aborted) {
      await stop();
      return interrupted;
    }
    if (options.abortOn === undefined || !attendance.aborting.aborted) return end;
    await stop();
    return await abortedOutcome(stack, options, attendance, surroundings);
  } finally {
    ending.abort();
    await asking;
    await attendance.close();
  }
}

/** What the containers of services are called where their output is told. */
function sourcesOf(stack: Stack, followed: readonly string[]): readonly string[] {
  const sources = followed.flatMap((name) => {
    const service = stack.services[name];
    if (service === undefined || service.provider !== undefined) return [];
    return Array.from({ length: replicasOf(service) }, (_, index) => {
      const { name: container } = containerRef(stack, name, service, index + 1);
      return container.replace(new RegExp(`^${stack.name}[-_]`), '');
    });
  });
  return sources.toSorted();
}

/** A stack can be brought up all the same. */
async function readWatchedIfPossible(
  loaded: Loaded,
  surroundings: Surroundings,
): Promise<readonly WatchedService[] | undefined> {
  try {
    return await readWatched(loaded, surroundings);
  } catch (error) {
    for (const problem of problemsOf(error)) surroundings.emit({ type: 'problem-found', problem });
    return undefined;
  }
}

/** The exit code of the service that it is to be taken from, also when that was stopped just now, else of the first to end. */
async function abortedOutcome(
  stack: Stack,
  { exitCodeFrom }: UpOptions,
  { first }: Attendance,
  surroundings: Surroundings,
): Promise<Outcome> {
  const containers = await surroundings.runtime.observeContainers(stack.name, surroundings.signal);
  const code = containers.find(
    ({ service, oneOff, exitCode }) => service === exitCodeFrom && !oneOff && exitCode !== undefined,
  )?.exitCode;
  return { exitCode: code ?? first()?.exitCode ?? 0, problems: [] };
}

/** Throws `unknown-service` for one that is not part of the stack. */
function followedServices(stack: Stack, { follow, load }: UpOptions): readonly string[] {
  const { only = [], not = [], dependencies = false } = follow ?? {};
  refuseUnknown(stack, only);
  const candidates = dependencies ? Object.keys(stack.services) : chosenServices(stack, load.services);
  const wanted = only.length > 0 ? only : candidates.filter((name) => stack.services[name]?.attach !== false);
  return wanted.filter((name) => !not.includes(name));
}

function refuseUnknown(stack: Stack, names: readonly string[]): void {
  const unknown = names.filter((name) => stack.services[name] === undefined);
  if (unknown.length === 0) return;
  throw failure({
    code: 'unknown-service',
    message: `${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not among the services that come up`,
    hint: `these do: ${Object.keys(stack.services).join(', ')}`,
  });
}

function nothingSelected() {
  return failure({
    code: 'nothing-selected',
    message: 'there is no service to bring up',
    hint: 'add one to the file, or switch one on with --profile',
  });
}
