import type { Loaded, LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planStop } from '../plan/stop.ts';
import { actOnContainers } from './existing.ts';
import type { Outcome } from './outcome.ts';
import { recallProject } from './project.ts';
import { carryOut, observeStack } from './work.ts';

export interface StopOptions {
  readonly load: LoadRequest;
  readonly timeout?: number | undefined;
}

/** Stops containers and keeps them, what depends on others before these. */
export async function stop({ load, timeout }: StopOptions, surroundings: Surroundings): Promise<Outcome> {
  const project = await recallProject(load, surroundings);
  const { services } = project;
  return actOnContainers(
    'stop',
    project,
    (observed) => planStop(project, observed, { services, timeout, stack: project.loaded?.stack }),
    surroundings,
  );
}

/**
 * Stops services that run, asking politely until `force` is aborted, then at once; `afterExit`: because a container has
 * ended.
 */
export async function stopStack(
  loaded: Loaded,
  services: readonly string[],
  surroundings: Surroundings,
  timeout?: number,
  afterExit = false,
): Promise<void> {
  const { exclusively, force, emit } = surroundings;
  const { stack } = loaded;
  emit({ type: 'stop-requested', force: force.aborted, ...(afterExit && { afterExit }) });
  try {
    await exclusively(stack.name, force, async () => {
      const observed = await observeStack(stack, surroundings, force);
      const plan = planStop(stack, observed, { services, stack, timeout });
      await carryOut(plan, 'stop', surroundings, force, loaded);
    });
  } catch (error) {
    if (!force.aborted) throw error;
  }
  if (force.aborted) {
    emit({ type: 'stop-requested', force: true });
    // Nothing can break off the last resort.
    const signal = new AbortController().signal;
    const unbroken = { ...surroundings, force: signal };
    const observed = await observeStack(stack, unbroken, signal);
    await carryOut(planStop(stack, observed, { services, force: true }), 'stop', unbroken, signal, loaded);
  }
  emit({ type: 'stack-stopped' });
}
