import { expect, test } from 'vitest';
import type { Event, EventBody } from '../../src/model/event.ts';
import { plainReporter } from '../../src/report/plain.ts';
import { createStore } from '../../src/report/store.ts';
import { formatSummary } from '../../src/report/summary.ts';
import { createFlow } from '../../src/terminal/inline/flow.ts';
import { layOutFooter } from '../../src/terminal/inline/footer.ts';
import { at, directory, logs, recordings } from './recording.ts';

const nasty = '\u009B2J\u202E\u001B]0;x\u0007\u2028\u0085\u2066';
const harmful = /(?!\n)[\p{Cc}\u202A-\u202E\u2066-\u2069\u2028\u2029]/u;

/** The same with something nasty at the end of every text that someone else could have written. */
function spoil<T>(value: T, key = ''): T {
  const ours = ['type', 'kind', 'state', 'stream', 'purpose', 'severity', 'code', 'health', 'condition'];
  if (typeof value === 'string') return (ours.includes(key) ? value : `${value}${nasty}`) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => spoil(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoil(inner, name)])) as T;
}

test.each(Object.entries(recordings))(
  'nothing that an event carries reaches a screen unread: %s',
  (_, events) => {
    const options = { colour: false, ascii: false, directory };
    const store = createStore();
    const flow = createFlow({ ...options, columns: () => 80 });
    let text = '';
    const plain = plainReporter({
      ...options,
      verbose: true,
      write: (more) => {
        text += more;
      },
    });
    for (const event of events) {
      const spoilt = spoil(event);
      plain(spoilt);
      text += flow(store.dispatch(spoilt));
      const screen = { columns: 80, rows: 40, now: event.at, ascii: false, canDetach: true, hasKeys: true };
      text += layOutFooter(store.getView(), screen)
        .flat()
        .map((span) => span.text + (span.link ?? ''))
        .join('');
    }
    text += formatSummary(store.getView(), options);
    expect(text.length).toBeGreaterThan(100);
    expect(harmful.exec(text)).toBeNull();
  },
);

test('output keeps its colours if asked, and only they', () => {
  const [event] = at([1, logs('web', ['\u001B[31mred\u001B[2J'])]);
  if (event === undefined) throw new Error('nothing to tell');
  const linesOf = (told: Event): EventBody | readonly string[] =>
    told.type === 'logs-written' ? told.lines : told;
  expect(linesOf(createStore({ colour: true }).dispatch(event).event)).toEqual(['\u001B[31mred\u001B[0m']);
  expect(linesOf(createStore().dispatch(event).event)).toEqual(['red']);
});

test('a name with a line break is one line', () => {
  let text = '';
  const plain = plainReporter({
    colour: false,
    directory,
    write: (more) => {
      text += more;
    },
  });
  const problem = { code: 'name-in-use', severity: 'error', message: 'x\n  hint: run this' } as const;
  for (const event of at([1, { type: 'problem-found', problem }])) plain(event);
  expect(text).toContain('error: x␊  hint: run this\n');
});
