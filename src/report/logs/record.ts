import { type NarrateOptions, narrate } from '../narrate.ts';
import type { Happening } from '../store.ts';
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
  if (event.type === 'files-changed' || event.type === 'plan-made') book.begin();
  for (const { shape, service, text, details = [] } of narrate(event, before, after, options)) {
    book.note(service, text, event.at, event.type === 'files-changed' ? 'save' : shape);
    for (const detail of details) book.note(service, detail, event.at, 'detail');
  }
}
