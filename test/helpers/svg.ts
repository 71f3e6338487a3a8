import type { Terminal as Emulator, IBufferCell } from '@xterm/headless';

export interface SvgOptions {
  /** Shown in the window's frame. */
  readonly title: string;
}

const fontSize = 14;
const cellWidth = 8.4;
const cellHeight = 19;
const padding = 16;
const titleHeight = 34;

const background = '#12161d';
const frame = '#1b212b';
const foreground = '#d5dbe5';
const quiet = '#8792a4';
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

/** The visible screen of a terminal as a picture that needs nothing but itself. */
export function renderSvg(emulator: Emulator, { title }: SvgOptions): string {
  const width = Math.ceil(emulator.cols * cellWidth + padding * 2);
  const height = emulator.rows * cellHeight + padding * 2 + titleHeight;
  const rows = Array.from({ length: emulator.rows }, (_, row) => renderRow(emulator, row)).flat();
  const lights = ['#f0717b', '#e6c275', '#8fce7e'].map(
    (colour, index) => `<circle cx="${20 + index * 20}" cy="${titleHeight / 2}" r="6" fill="${colour}"/>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="10" fill="${background}"/>`,
    `<path d="M0 ${titleHeight}V10A10 10 0 0 1 10 0H${width - 10}A10 10 0 0 1 ${width} 10V${titleHeight}Z" fill="${frame}"/>`,
    ...lights,
    `<g font-family="ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}">`,
    `<text x="${width / 2}" y="${titleHeight / 2 + 5}" text-anchor="middle" fill="${quiet}">${escapeXml(title)}</text>`,
    ...rows,
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

/** Cells next to each other that look the same. */
interface Run {
  text: string;
  column: number;
  width: number;
  readonly look: string;
  readonly behind: string;
}

function renderRow(emulator: Emulator, row: number): readonly string[] {
  const top = titleHeight + padding + row * cellHeight;
  return runsOf(emulator, row).flatMap(({ text, column, width, look, behind }) => {
    const x = round(padding + column * cellWidth);
    const wide = round(width * cellWidth);
    const block =
      behind === background
        ? []
        : [`<rect x="${x}" y="${top}" width="${wide}" height="${cellHeight}" fill="${behind}"/>`];
    if (text.trim() === '') return block;
    // The length is given so that columns stay straight in any font.
    const attributes = `x="${x}" y="${top + 14}" textLength="${wide}" lengthAdjust="spacingAndGlyphs"`;
    return [...block, `<text ${attributes} xml:space="preserve" ${look}>${escapeXml(text)}</text>`];
  });
}

function runsOf(emulator: Emulator, row: number): readonly Run[] {
  const line = emulator.buffer.active.getLine(emulator.buffer.active.baseY + row);
  const runs: Run[] = [];
  for (let column = 0; line !== undefined && column < emulator.cols; column += 1) {
    const cell = line.getCell(column);
    // The second half of a wide character has no width of its own.
    if (cell === undefined || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const { look, behind } = styleOf(cell);
    const last = runs.at(-1);
    const plain = isAscii(text) && last !== undefined && isAscii(last.text);
    if (plain && last.look === look && last.behind === behind) {
      last.text += text;
      last.width += cell.getWidth();
    } else {
      runs.push({ text, column, width: cell.getWidth(), look, behind });
    }
  }
  return runs.map(trimmed);
}

/** Blanks are not drawn; those at the end would be stretched by some viewers. */
function trimmed(run: Run): Run {
  if (run.behind !== background) return run;
  const text = run.text.trimEnd();
  return { ...run, text, width: run.width - (run.text.length - text.length) };
}

/** Other characters often come from other fonts, so each gets its own place. */
function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

function styleOf(cell: IBufferCell): { look: string; behind: string } {
  const ink = colourOf(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor()) ?? foreground;
  const paper = colourOf(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor()) ?? background;
  const [fill, behind] = cell.isInverse() ? [paper, ink] : [ink, paper];
  const look = [
    `fill="${fill}"`,
    ...(cell.isBold() ? ['font-weight="bold"'] : []),
    ...(cell.isItalic() ? ['font-style="italic"'] : []),
    ...(cell.isDim() ? ['opacity="0.6"'] : []),
    ...(cell.isUnderline() ? ['text-decoration="underline"'] : []),
  ];
  return { look: look.join(' '), behind };
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

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
}
