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

/** A line of any length as rows of a screen, none wider than `width`: wrapped, or cut at both ends with marks. */
export function layOutRows(line: Line, options: RowsOptions): readonly Line[] {
  return options.wrap ? wrap(line, options) : [cut(line, options)];
}

function wrap(line: Line, { width, ascii }: RowsOptions): readonly Line[] {
  const indent = width >= 16 ? hang : 0;
  const rows: Line[] = [];
  let row: Span[] = [];
  let room = width;
  const end = (): void => {
    rows.push(row);
    row = indent === 0 ? [] : [{ text: ' '.repeat(indent) }];
    room = width - indent;
  };
  for (const span of line) {
    let kept = '';
    const keep = (): void => {
      if (kept !== '') row.push({ ...span, text: kept });
      kept = '';
    };
    if (simple.test(span.text)) {
      for (let from = 0; from < span.text.length; ) {
        if (room === 0) end();
        const part = span.text.slice(from, from + room);
        row.push({ ...span, text: part });
        from += part.length;
        room -= part.length;
      }
      continue;
    }
    for (const { segment } of graphemes.segment(span.text)) {
      const needed = columnsOfGrapheme(segment);
      const [text, taken] = needed > width ? [ascii ? '~' : '…', 1] : [segment, needed];
      if (taken > room) {
        keep();
        end();
      }
      kept += text;
      room -= taken;
    }
    keep();
  }
  return [...rows, row];
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
