import type { WriteStream } from 'node:tty';
import { type Line, widthOfLine } from '../spans.ts';

/**
 * Terminals that lose columns break the footer's lines in two, and Ink erases as many rows as it drew. This erases all
 * of them and leaves the cursor as many rows below as Ink expects. To be called before Ink hears of the new size.
 * `width`: the columns there were before; a line has no more on the screen.
 */
export function eraseReflowed(
  stdout: Pick<WriteStream, 'columns' | 'rows' | 'write'>,
  drawn: readonly Line[],
  width: number,
): void {
  const { columns, rows } = stdout;
  // A terminal that says it has no size has nothing to be erased.
  if (!(columns > 0 && rows > 1)) return;
  const rowsOf = (line: Line): number => Math.max(1, Math.ceil(Math.min(widthOfLine(line), width) / columns));
  const taken = drawn.reduce((sum, line) => sum + rowsOf(line), 0);
  if (taken <= drawn.length) return;
  const up = Math.min(taken, rows - 1);
  stdout.write(eraseRows(up) + '\n'.repeat(Math.min(drawn.length, up)));
}

/** The escape codes that erase the rows above the cursor and leave it where they began. */
export function eraseRows(count: number): string {
  return count === 0 ? '' : `\u001B[${count}A\r\u001B[J`;
}
