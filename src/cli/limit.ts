import { createTurns } from '../docker/turns.ts';
import type { Runtime } from '../model/runtime.ts';

/** The runtime with no more than so many actions at once. Waiting for a service keeps the engine from nothing: it is free. */
export function limited(runtime: Runtime, most: number): Runtime {
  if (most === Number.POSITIVE_INFINITY) return runtime;
  const takeTurn = createTurns(most);
  return {
    ...runtime,
    async perform(action, context) {
      if (action.kind === 'await-condition') return runtime.perform(action, context);
      const leave = await takeTurn();
      try {
        await runtime.perform(action, context);
      } finally {
        leave();
      }
    },
  };
}
