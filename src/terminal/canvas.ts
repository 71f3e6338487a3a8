import { createPainter } from '../report/paint.ts';
import type { Line, Span } from './spans.ts';

/** A whole screen of rows, of which only those that changed are written. */
export interface Canvas {
  /** Writes what differs from what was drawn last, as one chunk; nothing if nothing does. */
  draw(lines: readonly Line[]): void;
  /** What is on the screen is not known any more: the next time all is written. */
  forget(): void;
}

const esc = '\u001B[';
/** Terminals that know it show what is between them at once (mode 2026); others ignore it. */
const [beginFrame, endFrame] = [`${esc}?2026h`, `${esc}?2026l`];

/**
 * Ink lays out and tokenises every character of every frame, which at 200×60 takes tens of milliseconds of a core; these
 * rows are laid out already. No row may fill the last column: erasing after it would take its character away.
 */
export function createCanvas(write: (text: string) => void, { colour }: { colour: boolean }): Canvas {
  let drawn: readonly string[] | undefined;
  const format = createLineFormat(colour);
  return {
    draw(lines) {
      const rows = lines.map(format);
      const before = drawn;
      const changes = rows.flatMap((row, index) =>
        before?.[index] === row ? [] : [`${esc}${index + 1};1H${row}${esc}K`],
      );
      // Of a larger screen that was drawn before, the rest goes.
      const rest =
        before === undefined || before.length > rows.length ? [`${esc}${rows.length + 1};1H${esc}J`] : [];
      const cleared = before === undefined ? [`${esc}H${esc}2J`] : rest;
      drawn = rows;
      if (changes.length + cleared.length > 0) write([beginFrame, ...cleared, ...changes, endFrame].join(''));
    },
    forget() {
      drawn = undefined;
    },
  };
}

/** Lines as text for a terminal. Without colour there is no code in it at all but those the text has. */
function createLineFormat(colour: boolean): (line: Line) => string {
  const paint = createPainter(colour);
  const format = ({ text: plain, style, sgr, inverse, link }: Span): string => {
    if (!colour) return plain;
    const text = sgr === undefined ? plain : `${esc}${sgr}m${plain}${esc}0m`;
    const painted = style === undefined ? text : paint[style](text);
    const turned = inverse === true && text !== '' ? `${esc}7m${painted}${esc}27m` : painted;
    return link === undefined ? turned : `\u001B]8;;${link}\u0007${turned}\u001B]8;;\u0007`;
  };
  // Blanks at the end are what the row is erased to; a selection by the terminal's own means goes without them.
  return (line) => line.map(format).join('').replace(/ +$/, '');
}
