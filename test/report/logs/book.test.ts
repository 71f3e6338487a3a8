import { expect, test } from 'vitest';
import { createLogBook, type LogBook, type LogBookOptions } from '../../../src/report/logs/book.ts';
import { compileFilter, everything, isFiltering } from '../../../src/report/logs/filter.ts';
import { readPattern } from '../../../src/report/logs/pattern.ts';
import { type Selection, selectAll, selectLines } from '../../../src/report/logs/selection.ts';
import fc from '../../helpers/chance.ts';

function write(book: LogBook, ...lines: readonly string[]): void {
  book.write({
    type: 'logs-written',
    service: 'web',
    number: 1,
    source: 'web-1',
    stream: 'stdout',
    lines,
    at: 1,
  });
}

function bookOf(lines: readonly string[], options?: LogBookOptions): LogBook {
  const book = createLogBook(options);
  write(book, ...lines);
  return book;
}

function numbersOf(selection: Selection): readonly (number | undefined)[] {
  return Array.from({ length: selection.count }, (_, place) => selection.numberAt(place));
}

test('the latest lines are kept under the numbers they came with', () => {
  const book = bookOf(['a', 'b', 'c', 'd', 'e'], { capacity: 3 });
  expect([book.first, book.last]).toEqual([3, 5]);
  expect([2, 3, 5, 6].map((number) => book.get(number)?.text)).toEqual([undefined, 'c', 'e', undefined]);
  expect(numbersOf(selectAll(book))).toEqual([3, 4, 5]);
});

test('what could not be done for a person at the screen is no error of the stack', () => {
  const book = createLogBook();
  book.note(undefined, 'save /x: cannot be written', 1, 'refused');
  book.note('web', 'failed', 2, 'bad');
  expect([book.get(1)?.level, book.get(2)?.level]).toEqual([undefined, 'error']);
});

test('before the first line there is none', () => {
  const book = createLogBook();
  expect([book.first, book.last, book.bytes, book.get(0), book.get(1)]).toEqual([
    1,
    0,
    0,
    undefined,
    undefined,
  ]);
});

test('few long lines are dropped as many short ones are', () => {
  const book = createLogBook({ maxBytes: 10_000 });
  for (let round = 0; round < 20; round += 1) write(book, 'x'.repeat(2000), '漢'.repeat(1000));
  expect(book.bytes).toBeLessThanOrEqual(10_000);
  expect(book.last - book.first + 1).toBe(4);
  write(book, 'x'.repeat(20_000));
  expect([book.first, book.last]).toEqual([41, 41]);
});

test('sources are known with their service, and what comes after a start by its first number', () => {
  const book = bookOf(['a']);
  book.begin();
  book.note('db', 'failed', 2, 'bad');
  expect([...book.sources]).toEqual([['web-1', 'web']]);
  expect([book.begun, book.get(2)?.level, book.get(2)?.stream]).toEqual([2, 'error', 'notice']);
});

test('an index is the lines that pass, whenever it is asked and however little may be read at a time', () => {
  const step = fc.record({
    lines: fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 30 }),
    left: fc.integer({ min: 0, max: 3000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (steps, capacity) => {
      const book = createLogBook({ capacity });
      const pattern = readPattern('a');
      const test = { passes: compileFilter({ ...everything, pattern }), readsText: true };
      for (const { lines, left } of steps) {
        write(book, ...lines);
        const expected = numbersOf(selectAll(book)).filter((number) =>
          book.get(number ?? 0)?.text.includes('a'),
        );
        const part = selectLines(book, test, { left });
        // What is missing is the oldest.
        expect(numbersOf(part)).toEqual(expected.slice(expected.length - part.count));
        if (part.complete) expect(part.count).toBe(expected.length);
      }
      const whole = selectLines(book, test, { left: Number.POSITIVE_INFINITY });
      expect(whole.complete).toBe(true);
      for (const number of numbersOf(whole)) expect(whole.numberAt(whole.placeOf(number ?? 0))).toBe(number);
      expect(whole.placeOf(book.last + 1)).toBe(whole.count);
    }),
  );
});

test('only lines that came since are looked at again', () => {
  const book = bookOf(Array.from({ length: 100 }, (_, place) => String(place)));
  let looked = 0;
  const test = {
    passes: () => {
      looked += 1;
      return true;
    },
    readsText: true,
  };
  const select = (): number => selectLines(book, test, { left: Number.POSITIVE_INFINITY }).count;
  expect([select(), select(), looked]).toEqual([100, 100, 100]);
  write(book, 'x', 'y');
  expect([select(), looked]).toEqual([102, 102]);
});

test('reading a long book is spread', () => {
  const book = bookOf(Array.from({ length: 100 }, () => 'x'.repeat(900)));
  const test = { passes: () => true, readsText: true };
  const select = (): Selection => selectLines(book, test, { left: 10_000 });
  expect([select(), select()].map(({ count, complete }) => [count, complete])).toEqual([
    [10, false],
    [20, false],
  ]);
  expect(select().numberAt(0)).toBe(71);
});

test('paths are text, whatever they begin with', () => {
  const matching = (typed: string): readonly string[] =>
    ['/api/users', 'api', 'API/'].filter((text) => readPattern(typed).regex.test(text));
  expect(matching('/api/users')).toEqual(['/api/users']);
  expect(matching('/api')).toEqual(['/api/users']);
  expect(matching('/api/')).toEqual(['/api/users', 'api', 'API/']);
  expect(matching('/\\S+I/')).toEqual(['API/']);
  expect(() => readPattern('/[/')).toThrow('Unterminated character class');
  // V8 itself finds out only when it looks for it.
  expect(() => readPattern('x'.repeat(100_000))).toThrow('too large');
});

test('whether anything is left out', () => {
  expect(isFiltering(everything)).toBe(false);
  expect(isFiltering({ muted: ['db'] })).toBe(true);
  expect(isFiltering({ muted: [], since: 3 })).toBe(true);
});
