import type { Event } from '../../../src/model/event.ts';
import { createLogBook } from '../../../src/report/logs/book.ts';
import { recordHappening } from '../../../src/report/logs/record.ts';
import { createStore } from '../../../src/report/store.ts';
import type { Order } from '../../../src/terminal/desk.ts';
import type { World } from '../../../src/terminal/full/world.ts';
import { defaultKeys } from '../../../src/terminal/keys.ts';
import type { Line } from '../../../src/terminal/spans.ts';
import { directory, type RecordingName, recordings, start } from '../../report/recording.ts';

/** What the full screen shows after a recording, with a desk that takes every order. */
export function worldOf(recording: RecordingName | readonly Event[], more: Partial<World> = {}): World {
  const events = typeof recording === 'string' ? recordings[recording] : recording;
  const store = createStore({ colour: true });
  const book = createLogBook();
  for (const event of events) {
    recordHappening(book, store.dispatch(event), { colour: true, ascii: false, directory });
  }
  return {
    view: store.getView(),
    book,
    keys: defaultKeys,
    columns: 80,
    rows: 24,
    now: Math.max(start + 3000, events.at(-1)?.at ?? 0) + 1000,
    ascii: false,
    offers: (_kind: Order['kind']) => true,
    canRead: true,
    canDetach: true,
    canSuspend: true,
    interruptStops: true,
    read: (subject, service) => ({ lines: [`${subject} of ${service}`], pending: false }),
    ...more,
  };
}

/** Lines as a screen shows them, without trailing blanks. */
export function textOf(lines: readonly Line[]): string {
  return lines
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
