import type { Event } from '../../model/event.ts';
import { createStore } from '../../report/store.ts';
import { formatSummary } from '../../report/summary.ts';
import { createFlow, type FlowOptions } from './flow.ts';

/** What the inline screen leaves of what happened, where it was over before there was anything to watch. */
export function leftOf(events: readonly Event[], options: FlowOptions): string {
  const store = createStore({ colour: options.colour });
  const flow = createFlow(options);
  const text = events.map((event) => flow(store.dispatch(event))).join('');
  return text + formatSummary(store.getView(), { ...options, columns: options.columns() });
}
