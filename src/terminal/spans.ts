import type { Painter, Style } from '../report/paint.ts';
import { clip, widthOf } from '../report/width.ts';

/** A piece of a line that looks the same throughout. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
  /** Foreground and background change places: it is selected or was searched for. */
  readonly inverse?: boolean;
  /** Colours a program gave it: the parameters of an SGR code, `1;38;5;208`. The text itself has no codes. */
  readonly sgr?: string;
  /** Where a click on it leads. */
  readonly link?: string;
}

export type Line = readonly Span[];

/** Columns a line takes. */
export function widthOfLine(line: Line): number {
  return line.reduce((sum, span) => sum + widthOf(span.text), 0);
}

/** The line as it is written where nothing is drawn. */
export function textOfLine(line: Line, paint: Painter): string {
  return line.map(({ text, style }) => (style === undefined ? text : paint[style](text))).join('');
}

/** The line as far as there is room, with a mark where it was cut. */
export function clipLine(line: Line, width: number, mark: string): Line {
  if (widthOfLine(line) <= width) return line;
  const kept: Span[] = [];
  let room = width - widthOf(mark);
  for (const span of line) {
    const needed = widthOf(span.text);
    if (needed > room) {
      kept.push({ ...span, text: clip(span.text, room, '') + mark });
      return kept;
    }
    kept.push(span);
    room -= needed;
  }
  return kept;
}

/** The line made exactly that wide. */
export function fitLine(line: Line, width: number, mark: string): Line {
  const missing = width - widthOfLine(line);
  if (missing > 0) return [...line, { text: ' '.repeat(missing) }];
  if (missing === 0) return line;
  const clipped = clipLine(line, width, widthOf(mark) <= width ? mark : '');
  // Of a wide character that was cut in two nothing is left.
  const left = width - widthOfLine(clipped);
  return left <= 0 ? clipped : [...clipped, { text: ' '.repeat(left) }];
}

/** As many lines as there are rows: the first ones, and blank ones after the last. */
export function fitRows(lines: readonly Line[], rows: number): readonly Line[] {
  return Array.from({ length: Math.max(0, rows) }, (_, row) => lines[row] ?? []);
}
