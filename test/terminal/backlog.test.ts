import { expect, test } from 'vitest';
import type { EventBody } from '../../src/model/event.ts';
import { createStore } from '../../src/report/store.ts';
import { createBacklog } from '../../src/terminal/inline/backlog.ts';
import { createFlow } from '../../src/terminal/inline/flow.ts';
import { at, directory, logs, recordings } from '../report/recording.ts';

const flow = createFlow({ colour: false, ascii: false, directory, columns: () => 80 });

test('what was missed is told as it would have been', () => {
  const store = createStore();
  const backlog = createBacklog(flow, false);
  let direct = '';
  for (const event of recordings.crashed) {
    const happening = store.dispatch(event);
    direct += flow(happening);
    backlog.add(happening);
  }
  expect(backlog.take()).toBe(direct);
  expect(backlog.take()).toBe('');
});

test('what is told in no words takes the place of no line', () => {
  const store = createStore();
  const backlog = createBacklog(flow, true);
  const happens = (...events: readonly (readonly [number, EventBody])[]) => {
    for (const event of at(...events)) backlog.add(store.dispatch(event));
  };
  for (let line = 0; line < 900; line += 1) happens([1, logs('worker', [`line ${line}`])]);
  for (let part = 0; part < 3000; part += 1)
    happens([2, { type: 'step-progressed', id: 'build', progress: { current: part } }]);
  expect(backlog.take().trimEnd().split('\n')).toHaveLength(900);
});

test('of very much the end is told, and how much is missing', () => {
  const store = createStore();
  const backlog = createBacklog(flow, true);
  for (let line = 0; line < 50_000; line += 10) {
    const lines = Array.from({ length: 10 }, (_, place) => `line ${line + place}`);
    for (const event of at([line, logs('worker', lines)])) backlog.add(store.dispatch(event));
  }
  const [first = '', ...rest] = backlog.take().trimEnd().split('\n');
  const left = Number(
    /^\.\.\. ([\d,]+) lines left out here: stack logs shows them$/.exec(first)?.[1]?.replaceAll(',', ''),
  );
  expect(rest.length).toBeGreaterThanOrEqual(1000);
  expect(rest.length).toBeLessThan(2000);
  expect(left + rest.length).toBe(50_000);
  expect(rest.at(-1)).toMatch(/line 49999$/);
});
