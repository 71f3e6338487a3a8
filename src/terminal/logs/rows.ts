import { widthOf } from '../../report/width.ts';
import type { Line, Span } from '../spans.ts';

export interface RowsOptions {
  /** Columns; at least 1. */
  readonly width: number;
  readonly wrap: boolean;
  /** Columns that are left of the screen, without `wrap`. */
  readonly left: number;
  readonly ascii: boolean;
}

const graphemes = new Intl.Segmenter();
const simple = /^[ -~]*$/;
const hang = 2;

/** A line of any length as rows of a screen, none wider than `width`: wrapped between words, or cut at both ends with marks. */
export function layOutRows(line: Line, options: RowsOptions): readonly Line[] {
  return options.wrap ? wrap(line, options) : [cut(line, options)];
}

/** A row as a part of the text; `mark` stands for a character that is wider than any row. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly mark?: string;
}

function wrap(line: Line, { width, ascii }: RowsOptions): readonly Line[] {
  const text = line.map((span) => span.text).join('');
  if (simple.test(text) && text.length <= width) return [line];
  const indent = width >= 16 ? hang : 0;
  const hanging: Line = indent === 0 ? [] : [{ text: ' '.repeat(indent) }];
  return partsOf(text, width, indent, ascii ? '~' : '…').map(({ from, to, mark }, row) => [
    ...(row === 0 ? [] : hanging),
    ...(mark === undefined ? spansBetween(line, from, to) : [{ text: mark }]),
  ]);
}

/** Broken after a space if the row is half full by then, else wherever it is full. The space it is broken at goes. */
function partsOf(text: string, width: number, indent: number, mark: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  let column = 0;
  let room = width;
  /** After the last space of the row. */
  let gap = 0;
  let columnOfGap = 0;
  const end = (to: number, next: number): void => {
    parts.push({ from, to });
    from = next;
    room = width - indent;
  };
  for (const [index, grapheme] of graphemesOf(text)) {
    const needed = columnsOfGrapheme(grapheme);
    if (needed > width) {
      if (index > from) end(index, index);
      parts.push({ from: index, to: index, mark });
      from = index + grapheme.length;
      [column, gap, columnOfGap, room] = [0, from, 0, width - indent];
      continue;
    }
    if (grapheme === ' ' && column + needed > room) {
      end(index, index + 1);
      [column, gap, columnOfGap] = [0, from, 0];
      continue;
    }
    while (column > 0 && column + needed > room) {
      const isBetween = gap > from && columnOfGap * 2 >= room;
      if (isBetween) end(gap - 1, gap);
      else end(index, index);
      column = isBetween ? column - columnOfGap : 0;
      [gap, columnOfGap] = [from, 0];
    }
    column += needed;
    if (grapheme === ' ') [gap, columnOfGap] = [index + 1, column];
  }
  if (from < text.length || parts.length === 0) parts.push({ from, to: text.length });
  return parts;
}

function* graphemesOf(text: string): Generator<readonly [index: number, grapheme: string]> {
  if (simple.test(text))
    for (let index = 0; index < text.length; index += 1) yield [index, text.charAt(index)];
  else for (const { index, segment } of graphemes.segment(text)) yield [index, segment];
}

function spansBetween(line: Line, from: number, to: number): Line {
  const spans: Span[] = [];
  let start = 0;
  for (const span of line) {
    const end = start + span.text.length;
    const text = span.text.slice(Math.max(0, from - start), Math.max(0, to - start));
    if (text !== '') spans.push({ ...span, text });
    start = end;
    if (start >= to) break;
  }
  return spans;
}

function cut(line: Line, { width, left, ascii }: RowsOptions): Line {
  const mark = ascii ? '~' : '…';
  const total = columnsOf(line, left + width + 1);
  if (left === 0 && total <= width) return line;
  const before = left > 0 && total > 0 ? 1 : 0;
  const after = total > left + width ? 1 : 0;
  const middle = slice(line, left + before, left + width - after);
  const row = [
    ...(before === 1 ? [{ text: mark, style: 'dim' as const }] : []),
    ...middle,
    ...(after === 1 ? [{ text: mark, style: 'dim' as const }] : []),
  ];
  return width > before + after ? row : row.slice(0, width);
}

/** The columns from one to before another; of a wide character that is cut in two a space is left. */
function slice(line: Line, from: number, to: number): Line {
  const spans: Span[] = [];
  let column = 0;
  for (const span of line) {
    if (column >= to) break;
    if (simple.test(span.text)) {
      const text = span.text.slice(Math.max(0, from - column), Math.max(0, to - column));
      if (text !== '') spans.push({ ...span, text });
      column += span.text.length;
      continue;
    }
    let text = '';
    for (const { segment } of graphemes.segment(span.text)) {
      const next = column + columnsOfGrapheme(segment);
      if (column >= from && next <= to) text += segment;
      else if (next > from && column < to) text += ' '.repeat(Math.min(next, to) - Math.max(column, from));
      column = next;
      if (column >= to) break;
    }
    if (text !== '') spans.push({ ...span, text });
  }
  return spans;
}

/** How many columns a line takes, as far as that matters: of a very long line no more is measured than `enough`. */
function columnsOf(line: Line, enough: number): number {
  let columns = 0;
  for (const { text } of line) {
    if (simple.test(text)) columns += text.length;
    else
      for (const { segment } of graphemes.segment(text)) {
        columns += columnsOfGrapheme(segment);
        if (columns >= enough) return columns;
      }
    if (columns >= enough) return columns;
  }
  return columns;
}

const known = new Map<string, number>();
const mostKnown = 5000;

/** To measure takes long, and texts consist of few different characters. */
function columnsOfGrapheme(grapheme: string): number {
  const width = known.get(grapheme) ?? widthOf(grapheme);
  if (known.size >= mostKnown) known.clear();
  known.set(grapheme, width);
  return width;
}
