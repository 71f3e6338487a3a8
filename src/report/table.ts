import { sanitiseField } from './sanitise.ts';
import { pad, widthOf } from './width.ts';

/** How wide columns are at least, and how much space lies between them. */
export interface TableLayout {
  readonly least: number;
  readonly gap: number;
}

/**
 * Rows with columns that line up, the first row being the headings. Cells are other people's text: each is made harmless
 * before it is measured.
 */
export function formatTable(rows: readonly (readonly string[])[], { least, gap }: TableLayout): string {
  const cells = rows.map((row) => row.map(sanitiseField));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(least, ...cells.map((row) => widthOf(row[column] ?? '') + gap)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : pad(cell, widths[column] ?? 0))).join('');
  return `${cells.map(line).join('\n')}\n`;
}

/** Layouts of Docker's lists, which scripts and eyes are used to. */
export const listLayout: TableLayout = { least: 10, gap: 3 };
export const wideLayout: TableLayout = { least: 20, gap: 3 };
export const denseLayout: TableLayout = { least: 4, gap: 2 };
