import { expect, test } from 'vitest';
import { createLogBook } from '../../../src/report/logs/book.ts';
import { sanitiseLine } from '../../../src/report/sanitise.ts';
import { describeLogs, layOutLogs, textOfLogs } from '../../../src/terminal/logs/pane.ts';
import { changeLogs, initialLogs, type LogsCommand } from '../../../src/terminal/logs/state.ts';
import { isSettled, type PaneSize, viewportOf } from '../../../src/terminal/logs/viewport.ts';
import { widthOfLine } from '../../../src/terminal/spans.ts';
import fc from '../../helpers/chance.ts';

const commands: fc.Arbitrary<LogsCommand> = fc.oneof(
  fc.constantFrom(
    ...(
      [
        ...[
          'follow',
          'pause',
          'toggle',
          'up',
          'down',
          'page-up',
          'page-down',
          'top',
          'bottom',
          'left',
          'right',
        ],
        ...[
          'next-match',
          'previous-match',
          'next-error',
          'previous-error',
          'first-error',
          'wrap',
          'timestamps',
        ],
        ...['json', 'mark', 'all', 'clear', 'level', 'stream'],
      ] as const
    ).map((kind) => ({ kind }) as LogsCommand),
  ),
  fc.record({
    kind: fc.constantFrom('search' as const, 'filter' as const),
    text: fc.constantFrom('', 'a', 'E', '漢', '/[ab]+/', '/(/', '/^$|x*/', '!a', '/', '//', 'zzz', '.*'),
  }),
  fc.record({
    kind: fc.constantFrom('solo' as const, 'mute' as const),
    service: fc.constantFrom('web', 'db', 'web-1', 'none'),
  }),
);

const text = fc.oneof(
  fc.constantFrom(
    '',
    'ERROR a',
    '    at b',
    'a'.repeat(300),
    '漢字'.repeat(50),
    '{"level":50,"msg":"a b","c":[1,{"d":"\\u001b[2J\\n"}]}',
  ),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '\u001B[31m',
        '\u001B[1;38;5;200m',
        '\u001B[0m',
        '\u001B[4:3m',
        'ab',
        '👩‍👩‍👧',
        'e\u0301',
        '\t',
      ),
    )
    .map((parts) => parts.join('')),
);

const happenings = fc.oneof(
  { weight: 3, arbitrary: fc.record({ command: commands }) },
  {
    weight: 2,
    arbitrary: fc.record({
      service: fc.constantFrom('web', 'db', 'a-service-with-a-very-long-name-indeed'),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      lines: fc.array(text, { maxLength: 12 }),
    }),
  },
  fc.record({ note: text, look: fc.constantFrom('save' as const, 'bad' as const, 'detail' as const) }),
  fc.constant({ begin: true } as const),
);

const sizes: fc.Arbitrary<PaneSize> = fc.record({
  columns: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 120 })),
  rows: fc.integer({ min: 0, max: 20 }),
  ascii: fc.boolean(),
  services: fc.constant(['web', 'db']),
});

test('whatever is written and pressed, the pane is as large as it has to be and shows what is there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(happenings, sizes), { maxLength: 40 }),
      fc.integer({ min: 1, max: 30 }),
      (all, capacity) => {
        const book = createLogBook({ capacity, maxBytes: 20_000 });
        let state = initialLogs;
        let at = 0;
        for (const [happening, size] of all) {
          at += 1000;
          if ('command' in happening) state = changeLogs(state, happening.command, book, size);
          else if ('begin' in happening) book.begin();
          else if ('note' in happening)
            book.note(undefined, sanitiseLine(happening.note, { colour: true }), at, happening.look);
          else {
            const lines = happening.lines.map((line) => sanitiseLine(line, { colour: true }));
            const { service, stream } = happening;
            book.write({
              type: 'logs-written',
              service,
              number: 1,
              source: `${service}-1`,
              stream,
              lines,
              at,
            });
          }
          const pane = layOutLogs(state, book, size);
          expect(pane).toHaveLength(size.rows);
          for (const line of pane) {
            expect(widthOfLine(line)).toBeLessThanOrEqual(size.columns);
            expect(line.map((span) => span.text).join('')).not.toMatch(/\p{Cc}/u);
          }
          expect(layOutLogs(state, book, size)).toEqual(pane);
          expect(isSettled(state, book)).toBe(true);
          const title = describeLogs(state, book, size);
          expect(title.length).toBeGreaterThan(0);
          const { rows, pinned } = viewportOf(state, book, size);
          // The page is full if there is enough to fill it.
          const shown = textOfLogs(state, book).split('\n').length - 1;
          expect(rows.length).toBeGreaterThanOrEqual(
            Math.min(shown, size.rows - (pinned === undefined ? 0 : 1)),
          );
          expect(book.last - book.first + 1).toBeLessThanOrEqual(capacity);
        }
      },
    ),
    { numRuns: 300 },
  );
});
