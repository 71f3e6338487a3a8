import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOutRows } from '../../../src/terminal/logs/rows.ts';
import { type Line, widthOfLine } from '../../../src/terminal/spans.ts';

const textOf = (line: Line): string => line.map(({ text }) => text).join('');
const spans = fc.array(fc.record({ text: fc.string({ unit: 'grapheme', maxLength: 40 }) }), { maxLength: 5 });

test('wrapped rows hold all of a line, in order, and are no wider than they may be', () => {
  fc.assert(
    fc.property(spans, fc.integer({ min: 8, max: 60 }), (line, width) => {
      const rows = layOutRows(line, { width, wrap: true, left: 0, ascii: false });
      for (const row of rows) expect(widthOfLine(row)).toBeLessThanOrEqual(width);
      const indent = width >= 16 ? 2 : 0;
      const text = rows.map((row, place) => textOf(row).slice(place === 0 ? 0 : indent)).join('');
      expect(text).toBe(textOf(line));
    }),
  );
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
