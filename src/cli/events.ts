import type { Outcome } from '../commands/outcome.ts';
import type { Event } from '../model/event.ts';
import { type JsonEvents, jsonEvents } from '../report/json.ts';
import { atEnd } from './end.ts';

let events: JsonEvents | undefined;

/** What happens as JSON lines on stdout: one stream, whoever tells of it, which ends with the verdict. */
export function tellEvents(): (event: Event) => void {
  if (events === undefined) {
    const opened = jsonEvents((text) => process.stdout.write(text));
    events = opened;
    atEnd((outcome: Outcome) => opened.end(outcome, Date.now()));
  }
  return events.listener;
}
