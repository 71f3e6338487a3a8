import type { Event } from '../../model/event.ts';
import type { NarrateOptions } from '../narrate/notice.ts';
import { narrate } from '../narrate.ts';
import type { Happening } from '../store.ts';
import type { View } from '../view.ts';
import type { LogBook } from './book.ts';

/** Writes into the book what a reader of the logs is to know of an event. Often nothing. */
export function recordHappening(
  book: LogBook,
  { event, before, after }: Happening,
  options: NarrateOptions,
): void {
  if (event.type === 'logs-written') {
    book.write(event);
    return;
  }
  if (isSave(event) || startsSomething(event, after)) book.begin();
  for (const { shape, service, text, details = [] } of narrate(event, before, after, options)) {
    book.note(service, text, event.at, isSave(event) ? 'save' : shape);
    for (const detail of details) book.note(service, detail, event.at, 'detail');
  }
}

/** What a save leads to is part of the save, and what ends is no beginning. */
function startsSomething(event: Event, { phase }: View): boolean {
  return (
    event.type === 'plan-made' && event.steps.length > 0 && event.purpose !== 'change' && phase !== 'stopping'
  );
}

function isSave({ type }: Event): boolean {
  return type === 'files-changed' || type === 'stack-changed';
}
