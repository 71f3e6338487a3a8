import stringWidth from 'string-width';
import type { Style } from '../report/paint.ts';

/** A piece of a line that looks the same throughout. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
  /** Where a click on it leads. */
  readonly link?: string;
}

export type Line = readonly Span[];

const graphemes = new Intl.Segmenter();

/** Columns a line takes: wide characters take two, combined ones none of their own. */
export function widthOf(line: Line): number {
  return line.reduce((sum, span) => sum + stringWidth(span.text), 0);
}

/** Text made as wide as a column of a table. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** The line as far as there is room, with a mark where it was cut. */
export function clip(line: Line, width: number, mark: string): Line {
  if (widthOf(line) <= width) return line;
  const kept: Span[] = [];
  let room = width - stringWidth(mark);
  for (const span of line) {
    const needed = stringWidth(span.text);
    if (needed > room) {
      kept.push({ ...span, text: clipText(span.text, room) + mark });
      return kept;
    }
    kept.push(span);
    room -= needed;
  }
  return kept;
}

function clipText(text: string, width: number): string {
  let kept = '';
  let room = width;
  for (const { segment } of graphemes.segment(text)) {
    room -= stringWidth(segment);
    if (room < 0) break;
    kept += segment;
  }
  return kept;
}
