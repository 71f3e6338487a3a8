import type { Loaded } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planStop } from '../plan/stop.ts';
import { carryOut, observeStack } from './work.ts';

/** Stops what runs of the stack, asking politely until `force` is aborted, then at once. */
export async function stopStack(loaded: Loaded, surroundings: Surroundings): Promise<void> {
  const { force, emit } = surroundings;
  const { stack } = loaded;
  const services = Object.keys(stack.services);
  emit({ type: 'stop-requested', force: force.aborted });
  if (!force.aborted) {
    const observed = await observeStack(stack, surroundings, force);
    await carryOut(planStop(stack, observed, { services }), 'stop', surroundings, force, loaded);
  }
  if (force.aborted) {
    emit({ type: 'stop-requested', force: true });
    const never = new AbortController().signal;
    const observed = await observeStack(stack, surroundings, never);
    await carryOut(planStop(stack, observed, { services, force: true }), 'stop', surroundings, never, loaded);
  }
  emit({ type: 'stack-stopped' });
}
