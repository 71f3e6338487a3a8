import type { Action } from '../model/plan.ts';
import type { PerformContext, Runtime } from '../model/runtime.ts';

/** The runtime with no more than so many actions at once. Waiting for a service keeps the engine from nothing: it is free. */
export function limited(runtime: Runtime, most: number): Runtime {
  if (most === Number.POSITIVE_INFINITY) return runtime;
  let free = most;
  const waiting: (() => void)[] = [];
  const perform = async (action: Action, context: PerformContext): Promise<void> => {
    if (action.kind === 'await-condition') return runtime.perform(action, context);
    if (free === 0) await new Promise<void>((proceed) => waiting.push(proceed));
    else free--;
    try {
      await runtime.perform(action, context);
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  return { ...runtime, perform };
}
