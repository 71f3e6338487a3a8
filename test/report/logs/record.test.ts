import { expect, test } from 'vitest';
import type { EventBody, PlanMade } from '../../../src/model/event.ts';
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

test('what is started makes errors news; what is stopped, or follows from a save, does not', () => {
  const plan = (purpose: PlanMade['purpose'], title = 'start container x'): EventBody => ({
    type: 'plan-made',
    purpose,
    steps:
      title === ''
        ? []
        : [{ id: 'start:rng-1', kind: 'start-container', service: 'rng', title, because: '', after: [] }],
  });
  const begunAfter = (event: EventBody): boolean => {
    const book = createLogBook();
    const store = createStore({ colour: false });
    for (const happening of at([0, loaded], [1, logs('rng', ['one'])], [2, event]))
      recordHappening(book, store.dispatch(happening), { colour: false, ascii: false, directory });
    return book.begun === 2;
  };
  expect([plan('up'), plan('restart')].map(begunAfter)).toEqual([true, true]);
  expect([plan('up', ''), plan('down'), plan('change'), logs('rng', ['x'])].map(begunAfter)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
