import type { Terminal as Emulator, IBufferCell } from '@xterm/headless';

/** What a terminal shows at one moment, as data. */
export interface Screen {
  readonly columns: number;
  /** From top to bottom; where nothing is drawn there is no run. */
  readonly rows: readonly (readonly Run[])[];
}

/** Cells next to each other that look the same. */
export interface Run {
  readonly text: string;
  readonly column: number;
  /** In cells. */
  readonly width: number;
  readonly look: Look;
}

/** Colours are those of SVG. */
export interface Look {
  readonly ink: string;
  /** Absent: what is behind everything. */
  readonly paper?: string;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
}

export const background = '#12161d';
const foreground = '#d5dbe5';
const palette = [
  '#2a313d',
  '#f0717b',
  '#8fce7e',
  '#e6c275',
  '#6fb1f5',
  '#cf8ef4',
  '#56c8cf',
  '#c3cad6',
  '#5d687a',
  '#ff8f98',
  '#a9e39a',
  '#f5d793',
  '#92c8ff',
  '#dfacff',
  '#7fe0e6',
  '#ffffff',
] as const;

/** The visible rows of a terminal. */
export function readScreen(emulator: Emulator): Screen {
  const rows = Array.from({ length: emulator.rows }, (_, row) => readRow(emulator, row));
  return { columns: emulator.cols, rows };
}

/** The same without what is empty at its end. */
export function withoutEmptyEnd({ columns, rows }: Screen): Screen {
  return { columns, rows: rows.slice(0, rows.findLastIndex((runs) => runs.length > 0) + 1) };
}

function readRow(emulator: Emulator, row: number): readonly Run[] {
  const line = emulator.buffer.active.getLine(emulator.buffer.active.baseY + row);
  const runs: Run[] = [];
  for (let column = 0; line !== undefined && column < emulator.cols; column += 1) {
    const cell = line.getCell(column);
    // The second half of a wide character has no width of its own.
    if (cell === undefined || cell.getWidth() === 0) continue;
    const next = { text: cell.getChars() || ' ', column, width: cell.getWidth(), look: lookOf(cell) };
    const last = runs.at(-1);
    if (last !== undefined && goTogether(last, next)) {
      runs[runs.length - 1] = { ...last, text: last.text + next.text, width: last.width + next.width };
    } else {
      runs.push(next);
    }
  }
  return runs.map(withoutBlanks).filter(({ width }) => width > 0);
}

/** Characters of other scripts often come from other fonts, so each gets its own place. */
function goTogether(one: Run, other: Run): boolean {
  if (JSON.stringify(one.look) !== JSON.stringify(other.look)) return false;
  const text = one.text + other.text;
  return /^[ -~]*$/.test(text) || /^[\u2500-\u257F]*$/.test(text) || /^[\u2580-\u259F]*$/.test(text);
}

/** Blanks are not drawn; those at an end would be stretched by some viewers. */
function withoutBlanks(run: Run): Run {
  if (run.look.paper !== undefined || run.look.underline) return run;
  const text = run.text.trimEnd();
  const start = text.length - text.trimStart().length;
  const width = run.width - (run.text.length - text.length) - start;
  return { ...run, text: text.slice(start), column: run.column + start, width };
}

function lookOf(cell: IBufferCell): Look {
  const ink = colourOf(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor());
  const paper = colourOf(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor());
  const colours = cell.isInverse()
    ? { ink: paper ?? background, paper: ink ?? foreground }
    : { ink: ink ?? foreground, ...(paper === undefined ? {} : { paper }) };
  return {
    ...colours,
    bold: cell.isBold() !== 0,
    italic: cell.isItalic() !== 0,
    dim: cell.isDim() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

function colourOf(isRgb: boolean, isPalette: boolean, value: number): string | undefined {
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  if (!isPalette) return undefined;
  const own = palette[value];
  if (own !== undefined) return own;
  if (value >= 232) return `rgb(${Array.from({ length: 3 }, () => 8 + (value - 232) * 10).join(',')})`;
  const levels = [0, 95, 135, 175, 215, 255];
  const cube = value - 16;
  return `rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => levels[level]).join(',')})`;
}
