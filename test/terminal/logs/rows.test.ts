import { expect, test } from 'vitest';
import { layOutRows } from '../../../src/terminal/logs/rows.ts';
import { type Line, widthOfLine } from '../../../src/terminal/spans.ts';
import fc from '../../helpers/chance.ts';

const textOf = (line: Line): string => line.map(({ text }) => text).join('');
const spans = fc.array(fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 40 }) }), { maxLength: 5 });

const wrapped = (line: Line, width: number): readonly Line[] =>
  layOutRows(line, { width, wrap: true, left: 0, ascii: false });

test('wrapped rows hold all of a line, in order, and are no wider than they may be', () => {
  fc.assert(
    fc.property(spans, fc.integer({ min: 8, max: 60 }), (line, width) => {
      const rows = wrapped(line, width);
      for (const row of rows) expect(widthOfLine(row)).toBeLessThanOrEqual(width);
      const text = rows.map(textOf).join('');
      expect(text.replaceAll(' ', '')).toBe(textOf(line).replaceAll(' ', ''));
    }),
  );
});

test('rows end between words, where that leaves no more than half a row empty', () => {
  const texts = (text: string, width: number): readonly string[] => wrapped([{ text }], width).map(textOf);
  expect(texts('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
  expect(texts('the quick brown fox jumps', 16)).toEqual(['the quick brown', '  fox jumps']);
  expect(texts('abcdefghij klm', 10)).toEqual(['abcdefghij', 'klm']);
  expect(texts('a bcdefghijklmnop', 10)).toEqual(['a bcdefghi', 'jklmnop']);
  expect(texts('漢字 漢字漢字', 10)).toEqual(['漢字', '漢字漢字']);
  expect(texts('one two', 10)).toEqual(['one two']);
  expect(texts('', 10)).toEqual(['']);
});

test('what looks alike stays alike on both sides of a break', () => {
  expect(wrapped([{ text: 'one ' }, { text: 'two three', style: 'red' }], 8)).toEqual([
    [{ text: 'one ' }, { text: 'two', style: 'red' }],
    [{ text: 'three', style: 'red' }],
  ]);
});

test('a cut row is a window on the line', () => {
  const cut = (text: string, width: number, left: number): string =>
    textOf(layOutRows([{ text }], { width, wrap: false, left, ascii: true })[0] ?? []);
  expect(cut('abcdefgh', 8, 0)).toBe('abcdefgh');
  expect(cut('abcdefghi', 8, 0)).toBe('abcdefg~');
  expect(cut('abcdefghi', 4, 2)).toBe('~de~');
  expect(cut('abcdefghi', 4, 5)).toBe('~ghi');
  expect(cut('abc', 4, 5)).toBe('~');
  expect(cut('', 4, 5)).toBe('');
  expect(cut('漢字漢字', 6, 0)).toBe('漢字 ~');
  expect(cut('漢字漢字', 5, 1)).toBe('~字 ~');
  expect(cut('漢字', 1, 0)).toBe('~');
});

test('what is wider than the row is told by a mark', () => {
  expect(layOutRows([{ text: '漢a' }], { width: 1, wrap: true, left: 0, ascii: false }).map(textOf)).toEqual([
    '…',
    'a',
  ]);
});
