import { randomBytes } from 'node:crypto';
import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { readMounts, readPorts, readVariables } from '../load/pieces.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { failure, ProblemsError } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Service, Stack } from '../model/stack.ts';
import type { UserStreams } from '../model/streams.ts';
import { only } from '../plan/choices.ts';
import { planFreshImages } from '../plan/images.ts';
import { type OneOffOptions, planOneOff, withoutService } from '../plan/one-off.ts';
import { planUp } from '../plan/up.ts';
import { assignedVariables } from './assignments.ts';
import { refuseOtherFolder } from './other-folder.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { loadOrTellAll, preflight } from './preflight.ts';
import { type Asked, askPrograms } from './programs.ts';
import { carryOut, observeStack, tellLoaded, withPlaces } from './work.ts';

export interface RunOptions
  extends Pick<
    OneOffOptions,
    | 'name'
    | 'command'
    | 'entrypoint'
    | 'labels'
    | 'capAdd'
    | 'capDrop'
    | 'user'
    | 'workingDirectory'
    | 'tty'
    | 'size'
    | 'input'
    | 'remove'
    | 'useAliases'
  > {
  readonly load: LoadRequest;
  readonly service: string;
  /** Do not wait for its end. */
  readonly detach: boolean;
  /** `NAME=VALUE`, or `NAME` for one of the project's variables. */
  readonly environment: readonly string[];
  readonly environmentFiles: readonly string[];
  /** In their short form. */
  readonly volumes: readonly string[];
  /** In their short form, or those of the service. */
  readonly publish: readonly string[] | 'those of the service';
  /** Leave what the service depends on as it is. */
  readonly alone: boolean;
  readonly build: boolean;
  readonly pull?: string;
  readonly removeOrphans: boolean;
  /** Called with what sends the process a signal; those of the user are to go there. */
  readonly proxy: (send: (name: string) => void) => void;
  /** Called with the id of a container that is not waited for. */
  readonly tellId: (id: string) => void;
}

/** Runs a command in a container of its own, made as the service says, and ends as it does. */
export async function run(
  options: RunOptions,
  streams: UserStreams,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { service, detach, remove, input } = options;
  const { exclusively, runtime, signal, force } = surroundings;
  const loaded = await loadOrTellAll(
    () => loadService(options),
    { ...options.load, services: [service] },
    surroundings,
  );
  tellLoaded(loaded, surroundings);
  const oneOff = await oneOffOptions(options, loaded);
  const { name } = loaded.stack;
  const prepared = await exclusively(name, signal, () => prepare(loaded, options, oneOff, surroundings));
  if (signal.aborted) return interrupted;
  if (prepared.problems.length > 0) return outcomeOf(prepared.problems);

  const { stack } = prepared.loaded;
  const observed = prepared.observed ?? (await observeStack(stack, surroundings, signal));
  const { plan, start } = withPlaces(loaded, () => planOneOff(stack, observed, service, oneOff));
  if (!detach) runtime.prepare('streams');
  const failed = await carryOut(plan, 'up', surroundings, signal, loaded);
  if (signal.aborted) return interrupted;
  if (failed.length > 0) return outcomeOf(failed);

  const { name: container } = start.container;
  const begin = () =>
    runtime.perform(start, {
      project: stack.name,
      signal: force,
      progress: () => {},
      contents: loaded.contents,
    });
  if (detach) {
    const id = await idOf(container, stack, surroundings);
    await begin();
    options.tellId(id);
    return succeeded;
  }
  // One that has ended meanwhile takes no signals.
  options.proxy((name) => void runtime.signalContainer(container, name, signal).catch(() => {}));
  const starting = { tty: options.tty, start: begin };
  const request = { container, input, starting, removed: remove };
  const ended = await runtime.attach(request, streams, signal);
  return ended.how === 'detached' ? succeeded : { exitCode: ended.exitCode, problems: [] };
}

/** Naming a service is enough to switch it on. */
async function loadService({ load, service, pull }: RunOptions): Promise<Loaded> {
  const loaded = await loadStack({ ...load, services: [service] });
  const { stack } = loaded;
  if (pull === undefined || pull === 'policy') return loaded;
  const target: Service = { ...stack.services[service], pull_policy: pull };
  return { ...loaded, stack: { ...stack, services: { ...stack.services, [service]: target } } };
}

async function oneOffOptions(options: RunOptions, { variables }: Loaded): Promise<OneOffOptions> {
  const { load, environment, environmentFiles, publish, volumes, ...rest } = options;
  const fromFiles = await readVariables(environmentFiles, load.directory, variables);
  return {
    ...rest,
    slug: randomBytes(32).toString('hex'),
    environment: { ...Object.fromEntries(fromFiles), ...assignedVariables(environment, variables, load) },
    mounts: readMounts(volumes, load.directory, variables),
    ...(publish === 'those of the service' ? {} : { ports: readPorts(publish) }),
  };
}

interface Prepared extends Pick<Asked, 'loaded' | 'problems'> {
  /** The engine's side of the stack, if there was nothing to do; absent: it is to be looked at. */
  readonly observed?: ObservedState;
}

/**
 * Has what the service needs: what programs provide, its image if a fresh one was asked for, networks, volumes, and what it
 * depends on.
 */
async function prepare(
  given: Loaded,
  { load, service, alone, build, removeOrphans }: RunOptions,
  oneOff: OneOffOptions,
  surroundings: Surroundings,
): Promise<Prepared> {
  const { signal, replaceOrder } = surroundings;
  const before = await observeStack(given.stack, surroundings, signal);
  await refuseOtherFolder(load, given, before.containers, surroundings);
  const needed = alone ? only(given.stack, [service]) : given.stack;
  const asked = await askPrograms(given, 'up', surroundings, needed);
  if (signal.aborted || asked.problems.length > 0) return asked;
  const { loaded } = asked;
  const { stack } = loaded;
  const { [service]: target = {} } = stack.services;
  const observed = asked.any ? await observeStack(stack, surroundings, signal) : before;
  const itself = { ...stack, services: { [service]: target } };
  const images = planFreshImages(itself, observed, { now: Date.now() / 1000, ...(build && { build }) });
  const others = withoutService(stack, service, { alone });
  const plan = withPlaces(loaded, () => planUp(others, observed, { removeOrphans, replaceOrder }));
  const own = foreseeOneOff(stack, observed, service, oneOff);
  await preflight(loaded, [images, plan, ...own], [], observed, surroundings);
  const steps = [...plan.steps, ...images.steps];
  if (steps.length === 0 && plan.warnings.length === 0) return { loaded, problems: [], observed };
  return { loaded, problems: await carryOut({ ...plan, steps }, 'up', surroundings, signal, loaded) };
}

/** What the container itself will take; nothing where that is known only once the others are there. */
function foreseeOneOff(
  stack: Stack,
  observed: ObservedState,
  service: string,
  options: OneOffOptions,
): readonly Plan[] {
  try {
    const { plan, start } = planOneOff(stack, observed, service, options);
    const step = { id: 'start', action: start, because: '', after: [], path: '' };
    return [{ ...plan, steps: [...plan.steps, step] }];
  } catch (error) {
    if (error instanceof ProblemsError) return [];
    throw error;
  }
}

async function idOf(name: string, stack: Stack, surroundings: Surroundings): Promise<string> {
  const containers = await surroundings.runtime.observeContainers(stack.name, surroundings.signal);
  const made = containers.find((container) => container.name === name);
  if (made === undefined) throw vanished(name);
  return made.id;
}

function vanished(name: string): ProblemsError {
  return failure({
    code: 'no-container',
    message: `container ${name} was removed before it could start`,
    hint: 'run the command again',
  });
}
