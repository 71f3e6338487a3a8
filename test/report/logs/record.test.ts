import { expect, test } from 'vitest';
import { createLogBook } from '../../../src/report/logs/book.ts';
import { recordHappening } from '../../../src/report/logs/record.ts';
import { createStore } from '../../../src/report/store.ts';
import { at, directory, loaded, logs } from '../recording.ts';

test('what services write and what is said about them is one book', () => {
  const book = createLogBook();
  const store = createStore({ colour: false });
  const events = at(
    [0, loaded],
    [1, logs('rng', ['one', 'two'])],
    [
      2,
      {
        type: 'files-changed',
        paths: [`${directory}/rng/rng.py`],
        services: ['rng'],
        responses: ['rebuild'],
      },
    ],
    [3, logs('rng', ['three'], 'stderr')],
  );
  for (const event of events)
    recordHappening(book, store.dispatch(event), { colour: false, ascii: false, directory });
  const entries = Array.from({ length: book.last }, (_, place) => book.get(place + 1));
  expect(entries.map((entry) => [entry?.source, entry?.stream, entry?.look, entry?.text])).toEqual([
    ['rng-1', 'stdout', undefined, 'one'],
    ['rng-1', 'stdout', undefined, 'two'],
    ['', 'notice', 'save', 'rng/rng.py changed → rebuild rng'],
    ['rng-1', 'stderr', undefined, 'three'],
  ]);
  expect(book.begun).toBe(3);
});
