import type { Event } from '../model/event.ts';

/** A listener that writes each event as one line of JSON: the version of the form, the time, then the event as it is. */
export function jsonReporter(write: (text: string) => void): (event: Event) => void {
  return ({ at, ...event }) =>
    write(`${JSON.stringify({ v: 1, ts: new Date(at).toISOString(), ...event })}\n`);
}
