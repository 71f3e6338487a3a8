import type { Event, PlannedStep } from '../model/event.ts';
import type { StepId } from '../model/plan.ts';

/** Listeners that hand on to another one what is wanted of what happens. */

type Listener = (event: Event) => void;

/** Says nothing of how far steps of some kinds are; that they failed is still told. */
export function withoutProgress(listener: Listener, kinds: readonly PlannedStep['kind'][]): Listener {
  return without(listener, kinds, ['step-started', 'step-progressed', 'step-finished']);
}

/** Says nothing of what goes on within steps of some kinds; that they begin and end is told. */
export function withoutOutput(listener: Listener, kinds: readonly PlannedStep['kind'][]): Listener {
  return without(listener, kinds, ['step-progressed']);
}

function without(
  listener: Listener,
  kinds: readonly PlannedStep['kind'][],
  types: readonly Event['type'][],
): Listener {
  const quiet = new Set<StepId>();
  return (event) => {
    if (event.type === 'plan-made') {
      // Plans for files that change may go on side by side.
      for (const { id, kind } of event.steps) if (kinds.includes(kind)) quiet.add(id);
    }
    if (types.includes(event.type) && 'id' in event && quiet.has(event.id)) return;
    listener(event);
  };
}

/** Begins each line that services write with the time at which it came. */
export function withTimestamps(listener: Listener): Listener {
  return (event) => {
    if (event.type !== 'logs-written') return listener(event);
    const time = new Date(event.at).toISOString();
    listener({ ...event, lines: event.lines.map((line) => `${time} ${line}`) });
  };
}
