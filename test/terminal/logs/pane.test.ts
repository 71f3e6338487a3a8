import { expect, test } from 'vitest';
import { createLogBook } from '../../../src/report/logs/book.ts';
import { describeLogs, layOutLogs, textOfLogs } from '../../../src/terminal/logs/pane.ts';
import { initialLogs, type LogsState } from '../../../src/terminal/logs/state.ts';
import { isSettled } from '../../../src/terminal/logs/viewport.ts';
import { start } from '../../report/recording.ts';
import { after, bookOf, many, said, screen, size, write } from './reading.ts';

const wide = { ...size, columns: 80, rows: 8 };

function title(state: LogsState, book = createLogBook()): string {
  return describeLogs(state, book, size)
    .map(({ text }) => text)
    .join('');
}

test('the latest lines of all services are followed', () => {
  const book = bookOf(['one', 'db: two', '! three']);
  expect(screen(initialLogs, book)).toEqual(['web-1 │ one', 'db-1  │ two', 'web-1 ┃ three', '']);
  write(book, 'four', 'five');
  expect(said(initialLogs, book)).toEqual(['two', 'three', 'four', 'five']);
  expect(screen(initialLogs, book, { ...size, ascii: true })[1]).toBe('web-1 ! three');
  expect(isSettled(initialLogs, book)).toBe(true);
});

test('services have the colour of their place in the file, stderr has another bar', () => {
  const [, first, second] = layOutLogs(initialLogs, bookOf(['one', 'db: two', '! three']), size);
  expect(first?.slice(0, 2)).toEqual([
    { text: 'db-1  ', style: 'yellow' },
    { text: '│ ', style: 'dim' },
  ]);
  expect(second?.[1]).toEqual({ text: '┃ ', style: 'red' });
});

test('an empty pane says why', () => {
  expect(screen(initialLogs, createLogBook())).toEqual(['nothing was written yet', '', '', '']);
  const book = bookOf(['one', 'two']);
  const none = 'none of 2 lines are shown';
  const filter = { kind: 'filter', text: 'x' } as const;
  expect(screen(after(book, [filter]), book)[0]).toBe(`${none}; u: no filter`);
  const muted = after(book, [filter, { kind: 'mute', service: 'web' }]);
  expect(layOutLogs(muted, book, { ...size, columns: 80 })[0]?.[0]?.text).toBe(
    `${none}; u: no filter, 0: all services`,
  );
  expect(screen(after(book, ['mark']), book)[0]).toBe('nothing was written yet');
});

test('long lines go on below what was written, or are cut and moved sideways', () => {
  const book = bookOf(['abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL']);
  expect(screen(initialLogs, book)).toEqual([
    'web-1 │ abcdefghijklmnopqrstuvwxyz012345',
    '      │   6789ABCDEFGHIJKL',
    '',
    '',
  ]);
  const cut = after(book, ['wrap']);
  expect(screen(cut, book)[0]).toBe('web-1 │ abcdefghijklmnopqrstuvwxyz01234…');
  const right = after(book, ['right'], cut);
  expect(screen(right, book)[0]).toBe('web-1 │ …lmnopqrstuvwxyz0123456789ABCDE…');
  expect(screen(after(book, ['right', 'right', 'right'], right), book)[0]).toBe(
    'web-1 │ …rstuvwxyz0123456789ABCDEFGHIJKL',
  );
  expect(screen(after(book, ['left', 'left'], right), book)).toEqual(screen(cut, book));
});

test('characters that take two columns or none are never cut in two', () => {
  const book = bookOf(['漢字'.repeat(10), 'e\u0301'.repeat(40), '👩‍👩‍👧'.repeat(20)]);
  expect(said(initialLogs, book, { ...size, rows: 6 })).toEqual([
    '漢字'.repeat(8),
    `  ${'漢字'.repeat(2)}`,
    'e\u0301'.repeat(32),
    `  ${'e\u0301'.repeat(8)}`,
    '👩‍👩‍👧'.repeat(16),
    `  ${'👩‍👩‍👧'.repeat(4)}`,
  ]);
});

test('colours of the program hold across breaks and cuts', () => {
  const book = bookOf([`\u001B[1;31m${'a'.repeat(40)}\u001B[0m\u001B[38;5;208mb\u001B[0m`]);
  const [first, second] = layOutLogs(initialLogs, book, size);
  expect(first?.at(-1)).toEqual({ text: 'a'.repeat(32), sgr: '1;31' });
  expect(second?.slice(2)).toEqual([
    { text: '  ' },
    { text: 'a'.repeat(8), sgr: '1;31' },
    { text: 'b', sgr: '38;5;208' },
  ]);
});

test('errors and warnings without colours of their own get some', () => {
  const lines = layOutLogs(
    initialLogs,
    bookOf(['Error: x', '    at y', 'WARN z', '\u001B[34mERROR\u001B[0m']),
    size,
  );
  expect(lines.map((line) => line.at(-1)?.style)).toEqual(['red', undefined, 'yellow', undefined]);
});

test('JSON lines are told to people: what happened first, then the rest; every field, or as they were', () => {
  const json =
    '{"level":40,"time":1,"pid":7,"msg":"slow\\nquery","ms":912,"req":{"url":"/a b"},"err":{"message":"late","stack":"E: late\\n  at x"}}';
  const book = bookOf([json]);
  expect(said(initialLogs, book, wide)[0]).toBe('WARN  slow␊query  pid=7 ms=912 req={"url":"/a b"} err=late');
  const expanded = after(book, ['json']);
  expect(said(expanded, book, { ...wide, rows: 15 })).toEqual([
    'WARN  slow␊query',
    '  level: 40',
    '  time: 1',
    '  pid: 7',
    '  msg:',
    '    slow',
    '    query',
    '  ms: 912',
    '  req:',
    '    url: /a b',
    '  err:',
    '    message: late',
    '    stack:',
    '      E: late',
    '        at x',
  ]);
  expect(textOfLogs(after(book, ['json'], expanded), book)).toBe(`web-1 | ${json}\n`);
});

test('control characters that hide in JSON do not reach the screen', () => {
  const book = bookOf(['{"msg":"a\\u001b[2Jb\\u0007","x\\u001b]0;t\\u0007":"\\u001b[31mred"}']);
  for (const state of [initialLogs, after(book, ['json'])])
    expect(screen(state, book, wide).join('\n')).not.toMatch(/(?!\n)\p{Cc}/u);
});

test('times: none, of day, since the line before', () => {
  const book = bookOf(['one', 'two']);
  const time = after(book, ['timestamps']);
  expect(screen(time, book)[1]).toMatch(/^\d\d:\d\d:\d\d web-1 │ two$/);
  const delta = after(book, ['timestamps'], time);
  expect(screen(delta, book)).toEqual(['        web-1 │ one', '  +1.0s web-1 │ two', '', '']);
  expect(screen(delta, book, { ...size, rows: 1 })).toEqual(['  +1.0s web-1 │ two']);
  expect(screen(after(book, ['timestamps'], delta), book)[1]).toBe('web-1 │ two');
});

test('notices stand between the lines; a save parts them', () => {
  const book = bookOf(['one']);
  book.note(undefined, 'web/a.ts changed → rebuild web', start, 'save');
  book.note('db', 'failed: exit 1', start, 'bad');
  expect(screen(initialLogs, book)).toEqual([
    'web-1 │ one',
    '── web/a.ts changed → rebuild web ──',
    '✗ db failed: exit 1',
    '',
  ]);
  expect(screen(initialLogs, book, { ...size, ascii: true })[2]).toBe('x db failed: exit 1');
  expect(textOfLogs(initialLogs, book)).toBe(
    'web-1 | one\n── web/a.ts changed → rebuild web ──\n✗ db failed: exit 1\n',
  );
});

test('while paused lines stay where they are, also when old ones are dropped, and new ones are counted', () => {
  const book = bookOf(many(20), { capacity: 20 });
  const paused = after(book, ['page-up']);
  expect(said(paused, book)).toEqual(['line 14', 'line 15', 'line 16', 'line 17']);
  write(book, ...many(12));
  expect(said(paused, book)).toEqual(['line 14', 'line 15', 'line 16', 'line 17                ↓ 12 new']);
  write(book, ...many(3));
  expect(said(paused, book)[0]).toBe('line 16');
  expect(said(after(book, ['follow'], paused), book)).toEqual(['line 12', 'line 1', 'line 2', 'line 3']);
});

test('going down to the end is to follow again', () => {
  const book = bookOf(many(9));
  const up = after(book, ['up', 'up']);
  expect(said(up, book)[0]).toBe('line 4');
  expect(after(book, ['down'], up).top).toBeDefined();
  expect(after(book, ['down', 'down'], up).top).toBeUndefined();
  expect(said(after(book, ['top']), book)[0]).toBe('line 1');
  expect(after(bookOf(many(3)), ['up', 'page-up']).top).toBeUndefined();
  expect(after(book, ['top', 'page-down', 'page-down'], up).top).toBeUndefined();
  expect(after(book, ['top', 'bottom'], up).top).toBeUndefined();
});

test('a line of many rows is scrolled row by row', () => {
  const book = bookOf(['a'.repeat(32 + 30 * 9)]);
  expect(screen(after(book, ['top', 'down']), book)[0]).toBe(`      │   ${'a'.repeat(30)}`);
});

test('filters: text, capitals only if typed, regular expressions, lines without', () => {
  const book = bookOf(['Alpha', 'beta', '\u001B[31mal\u001B[0mpine', 'db: gamma [x]']);
  const filtered = (text: string): string => textOfLogs(after(book, [{ kind: 'filter', text }]), book);
  expect(filtered('al')).toBe('web-1 | Alpha\nweb-1 | alpine\n');
  expect(filtered('Al')).toBe('web-1 | Alpha\n');
  expect(filtered('/^al|\\W/')).toBe('web-1 | Alpha\nweb-1 | alpine\ndb-1 | gamma [x]\n');
  expect(filtered('/AL/i')).toBe('web-1 | Alpha\nweb-1 | alpine\n');
  expect(filtered('[x]')).toBe('db-1 | gamma [x]\n');
  expect(filtered('!a')).toBe('');
  expect(filtered('!al')).toBe('web-1 | beta\ndb-1 | gamma [x]\n');
  expect(filtered('')).toContain('beta');
  // Words are looked for in the names of services, too.
  expect(filtered('DB')).toBe('');
  expect(filtered('db')).toBe('db-1 | gamma [x]\n');
  expect(filtered('!web')).toBe('db-1 | gamma [x]\n');
  expect(filtered('/db/')).toBe('');
});

test('a regular expression that is none is told, and the filter before it stays', () => {
  const book = bookOf(['alpha', 'beta']);
  const state = after(book, [
    { kind: 'filter', text: 'alp' },
    { kind: 'filter', text: '/(/' },
  ]);
  expect(textOfLogs(state, book)).toBe('web-1 | alpha\n');
  expect(title(state)).toBe('logs: all · follow · filter alp · /(/: Unterminated group');
  expect(title(after(book, ['wrap'], state))).toBe('logs: all · follow · filter alp');
});

test('level, stream, solo, mute and mark', () => {
  const book = bookOf(['INFO a', 'plain', '! Error: b', '!     at c', 'DEBUG d', 'db: e']);
  const texts = (...commands: Parameters<typeof after>[1]): string =>
    textOfLogs(after(book, commands), book)
      .replace(/\w+-1 \| /g, '')
      .replace(/\n/g, ',');
  expect(texts('level')).toBe('INFO a,plain,Error: b,    at c,e,');
  expect(texts({ kind: 'level', level: 'warn' })).toBe('Error: b,    at c,');
  expect(texts('level', 'level', 'level', 'level')).toBe(texts());
  expect(texts('stream', 'stream')).toBe('Error: b,    at c,');
  expect(texts({ kind: 'solo', service: 'db' })).toBe('e,');
  expect(texts({ kind: 'solo', service: 'db-1' })).toBe('e,');
  expect(texts({ kind: 'solo', service: 'db' }, { kind: 'solo', service: 'db' })).toBe(texts());
  expect(texts({ kind: 'mute', service: 'web' })).toBe('e,');
  expect(texts({ kind: 'mute', service: 'web' }, 'all')).toBe(texts());
  const marked = after(book, ['mark']);
  write(book, 'f');
  expect(textOfLogs(marked, book)).toBe('web-1 | f\n');
  expect(textOfLogs(after(book, ['mark'], marked), book)).toContain('INFO a');
});

test('the title says what is shown', () => {
  const book = bookOf(many(9));
  expect(title(initialLogs)).toBe('logs: all · follow');
  const state = after(book, [
    { kind: 'mute', service: 'db' },
    { kind: 'level', level: 'warn' },
    { kind: 'stream', stream: 'stderr' },
    'mark',
    'pause',
  ]);
  expect(title(state)).toBe('logs: all (db muted) · paused · level≥warn · stderr only · since here');
  expect(title(after(book, [{ kind: 'solo', service: 'web' }, 'clear'], state))).toBe('logs: web · paused');
});

test('a search goes to the nearest match, n and N around the ends', () => {
  const book = bookOf(many(30));
  const found = after(book, [{ kind: 'search', text: 'e 1' }]);
  expect(said(found, book)).toEqual(['line 18', 'line 19', 'line 20', 'line 21']);
  expect(title(found, book)).toBe('logs: all · paused · search e 1: 11 of 11');
  const next = after(book, ['next-match'], found);
  expect(said(next, book)[0]).toBe('line 1');
  expect(title(next, book)).toBe('logs: all · paused · search e 1: 1 of 11, went past the end');
  expect(title(after(book, ['next-match'], next), book)).toBe('logs: all · paused · search e 1: 2 of 11');
  expect(title(after(book, ['previous-match'], next), book)).toContain('11 of 11, went');
  expect(title(after(book, [{ kind: 'search', text: 'x' }]), book)).toBe('logs: all · follow · search x: 0');
});

test('what was searched for is seen, also across colours, and the line has a mark', () => {
  const book = bookOf(['a', '\u001B[31mfo\u001B[32mo\u001B[0m bar foo']);
  const lines = layOutLogs(after(book, [{ kind: 'search', text: 'foo' }]), book, size);
  expect(lines[1]?.slice(1)).toEqual([
    { text: '> ', style: 'bold' },
    { text: 'fo', inverse: true },
    { text: 'o', inverse: true },
    { text: ' bar ' },
    { text: 'foo', inverse: true },
  ]);
});

test('what was searched for is painted by whole characters', () => {
  const [line] = layOutLogs(
    after(bookOf(['a👩b']), [{ kind: 'search', text: '/[^a-z]/' }]),
    bookOf(['a👩b']),
    size,
  );
  expect(line?.slice(2).map(({ text }) => text)).toEqual(['a', '👩', 'b']);
  expect(said(after(bookOf(['a-b']), [{ kind: 'search', text: '/a\\-/' }]), bookOf(['a-b']))[0]).toBe('a-b');
});

test('from error to error; stack traces are part of theirs', () => {
  const book = bookOf([...many(5), '! Error: a', '!     at x', ...many(9), 'db: ERROR b', ...many(9)]);
  const first = after(book, ['previous-error']);
  expect(after(book, ['next-error'])).toEqual({ ...first, tests: expect.anything() });
  expect(screen(first, book)).toContain('db-1  > ERROR b');
  const second = after(book, ['previous-error'], first);
  expect(screen(second, book)).toContain('web-1 > Error: a');
  expect(screen(after(book, ['next-error'], second), book)).toEqual(screen(first, book));
});

test('the first error since the last start or save stays in sight', () => {
  const book = bookOf(['Error: old', ...many(9)]);
  book.begin();
  write(book, 'fine', '! TypeError: x is undefined', ...many(20), 'db: ERROR b');
  expect(screen(initialLogs, book, { ...wide, columns: 60, rows: 6 })).toEqual([
    '✗ web-1 TypeError: x is undefined                   2 errors',
    'web-1 │ line 17',
    'web-1 │ line 18',
    'web-1 │ line 19',
    'web-1 │ line 20',
    'db-1  │ ERROR b',
  ]);
  const there = after(book, ['first-error'], initialLogs, wide);
  expect(screen(there, book, wide)).toEqual(expect.arrayContaining(['web-1 > TypeError: x is undefined']));
  expect(screen(there, book, wide).join()).not.toContain('errors');
  book.begin();
  expect(screen(initialLogs, book, wide).join()).not.toContain('errors');
});

test('what the pane shows can be taken as text', () => {
  const book = bookOf(many(9));
  expect(textOfLogs(after(book, ['top']), book, { ...size, rows: 2 })).toBe(
    'web-1 | line 1\nweb-1 | line 2\n',
  );
});
