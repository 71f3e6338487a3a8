import type { Loaded } from '../load/load.ts';
import type { Emit } from '../model/event.ts';
import type { Surroundings } from '../model/runtime.ts';

/** What can be done to a stack by someone who looks on, while a command stays with it. */
export interface Company {
  /** Does something to the stack; that containers end by it is no end of the command. */
  order<T>(work: (surroundings: Surroundings) => Promise<T>): Promise<T>;
  /** Acts on files that change, or does so no more. Throws `not-watched` and `project-busy`. */
  watch(on: boolean): Promise<void>;
  /** The stack is another one from now on: its files were read again, or a service has other replicas. */
  renew(loaded: Loaded): Promise<void>;
}

/** Who looks on, and what they want of a command that stays. */
export interface Onlooker {
  /** Whether the command is to stay when all has ended, or could not even begin. */
  keeps(): boolean;
  /** Called once there is something to act on. */
  meet(company: Company): void;
}

/** For a command that goes on whatever ends, and to which one stack is as good as another. */
export function indifferentCompany(surroundings: Surroundings): Company {
  const emit = emitOfOrder(surroundings.emit);
  return {
    order: (work) => work({ ...surroundings, emit }),
    watch: () => Promise.resolve(),
    renew: () => Promise.resolve(),
  };
}

/**
 * Tells what an order does as a change of what runs: the services that a command about some of them does not know are there
 * all the same.
 */
export function emitOfOrder(emit: Emit): Emit {
  return (event) => {
    if (event.type === 'stack-loaded') return;
    emit(event.type === 'plan-made' ? { ...event, purpose: 'change', ordered: true } : event);
  };
}
