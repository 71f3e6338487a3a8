import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { planFreshImages, planUp } from '../plan/up.ts';
import { attend } from './attend.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { stopStack } from './stop.ts';
import { carryOut, observeContainers, observeStack, tellLoaded, withPlaces } from './work.ts';

export interface UpOptions {
  readonly load: LoadRequest;
  /** Return once the stack runs instead of staying with it. */
  readonly detach: boolean;
  /** Rebuild and replace services whose files change. */
  readonly watch: boolean;
  /** Build images even if they are there. */
  readonly build: boolean;
  readonly forceRecreate: boolean;
  readonly removeOrphans: boolean;
}

/** Brings the stack up; attached, stays with it until it is told to end or everything has ended. */
export async function up(options: UpOptions, surroundings: Surroundings): Promise<Outcome> {
  const loaded = await loadStack(options.load);
  tellLoaded(loaded, surroundings);
  return options.detach ? bringUp(loaded, options, surroundings) : stayWith(loaded, options, surroundings);
}

/** Reaches the state the file describes; the outcome says whether all that was asked for runs. */
async function bringUp(loaded: Loaded, options: UpOptions, surroundings: Surroundings): Promise<Outcome> {
  const { signal, emit } = surroundings;
  const { stack } = loaded;
  const began = performance.now();
  const images = planFreshImages(stack, { build: options.build });
  if (images.steps.length > 0) {
    const problems = await carryOut(images, 'up', surroundings, signal, loaded);
    if (signal.aborted) return interrupted;
    if (problems.length > 0) return outcomeOf(problems);
  }
  const observed = await observeStack(stack, surroundings, signal);
  const { forceRecreate, removeOrphans, detach: settle } = options;
  const plan = withPlaces(loaded, () => planUp(stack, observed, { forceRecreate, removeOrphans, settle }));
  const problems = await carryOut(plan, 'up', surroundings, signal, loaded);
  if (signal.aborted) return interrupted;
  await tellContainers(stack, surroundings);
  if (problems.length > 0) return outcomeOf(problems);
  const milliseconds = Math.round(performance.now() - began);
  emit({ type: 'stack-ready', milliseconds, changed: images.steps.length + plan.steps.length > 0 });
  return outcomeOf([]);
}

/** The verdict is told after the states it rests on, with the ports that are known only now; following may lag behind. */
async function tellContainers(stack: Stack, surroundings: Surroundings): Promise<void> {
  const containers = await observeContainers(stack.name, surroundings, surroundings.signal);
  for (const { service, number, id, name, state, health, exitCode, ports, oneOff } of containers) {
    if (oneOff || stack.services[service] === undefined) continue;
    surroundings.emit({
      type: 'container-changed',
      service,
      number,
      id,
      name,
      state,
      ...(health === undefined ? {} : { health }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ports,
    });
  }
}

async function stayWith(loaded: Loaded, options: UpOptions, surroundings: Surroundings): Promise<Outcome> {
  const { signal } = surroundings;
  const attendance = attend(loaded, options, surroundings);
  try {
    const outcome = await bringUp(loaded, options, surroundings).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      return interrupted;
    });
    if (outcome.exitCode === 1) return outcome;
    const end = signal.aborted ? interrupted : await attendance.ended();
    if (!signal.aborted) return end;
    await stopStack(loaded, servicesToStop(loaded.stack, options), surroundings);
    return interrupted;
  } finally {
    await attendance.close();
  }
}

/** As with Docker Compose, what the named services depend on goes on running: others may use it. */
function servicesToStop(stack: Stack, { load }: UpOptions): readonly string[] {
  const named = load.services.filter((name) => stack.services[name] !== undefined);
  return named.length > 0 ? named : Object.keys(stack.services);
}
