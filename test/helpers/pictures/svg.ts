import { background, type Look, type Run, type Screen } from './screen.ts';

/** Collects what several places of a picture have in common, and names it. */
export interface Definitions {
  /** The name of a row; no name for one without anything in it. */
  row(runs: readonly Run[]): string | undefined;
  /** All that was named, as SVG. */
  all(): string;
}

const fontSize = 14;
const cellWidth = 8.4;
export const cellHeight = 19;
const padding = 16;
const titleHeight = 34;

const frame = '#1b212b';
const edge = '#3a4454';
const quiet = '#8792a4';

/** The size of a screen in pixels. */
export function sizeOf({ columns, rows }: Pick<Screen, 'columns' | 'rows'>): {
  width: number;
  height: number;
} {
  return { width: Math.ceil(columns * cellWidth), height: rows.length * cellHeight };
}

/** A window with a title around a screen, as a picture that needs nothing but itself, on a page of any colour. */
export function renderWindow(
  screen: { readonly width: number; readonly height: number },
  {
    title,
    style = '',
    content,
  }: { readonly title: string; readonly style?: string; readonly content: string },
): string {
  const width = screen.width + padding * 2;
  const height = screen.height + padding * 2 + titleHeight;
  const lights = ['#f0717b', '#e6c275', '#8fce7e'].map(
    (colour, index) => `<circle cx="${20 + index * 20}" cy="${titleHeight / 2}" r="6" fill="${colour}"/>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>text{white-space:pre}${style}</style>`,
    `<rect width="${width}" height="${height}" rx="10" fill="${background}"/>`,
    `<path d="M0 ${titleHeight}V10A10 10 0 0 1 10 0H${width - 10}A10 10 0 0 1 ${width} 10V${titleHeight}Z" fill="${frame}"/>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="10" fill="none" stroke="${edge}"/>`,
    ...lights,
    `<g font-family="ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}" xml:space="preserve">`,
    `<text x="${width / 2}" y="${titleHeight / 2 + 5}" text-anchor="middle" fill="${quiet}">${escapeXml(title)}</text>`,
    `<clipPath id="screen"><rect width="${screen.width}" height="${screen.height}"/></clipPath>`,
    `<g transform="translate(${padding} ${padding + titleHeight})" clip-path="url(#screen)">`,
    content,
    '</g>',
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

/** The places where rows are, for a screen whose rows are defined. */
export function placeRows(rows: readonly (readonly Run[])[], definitions: Definitions): string {
  return rows
    .map((runs, row) => {
      const name = definitions.row(runs);
      if (name === undefined) return '';
      return `<use href="#${name}"${row === 0 ? '' : ` y="${row * cellHeight}"`}/>`;
    })
    .join('');
}

/** Rows are made of runs, and both are written once however often they are seen. */
export function createDefinitions(): Definitions {
  const names = new Map<string, string>();
  const written: string[] = [];
  const define = (content: string): string => {
    const known = names.get(content);
    if (known !== undefined) return known;
    const name = `s${names.size.toString(36)}`;
    names.set(content, name);
    written.push(`<g id="${name}">${content}</g>`);
    return name;
  };
  return {
    row(runs) {
      if (runs.length === 0) return undefined;
      return define(runs.map((run) => `<use href="#${define(renderRun(run))}"/>`).join(''));
    },
    all: () => `<defs>\n${written.join('\n')}\n</defs>`,
  };
}

function renderRun({ text, column, width, look }: Run): string {
  const x = round(column * cellWidth);
  const wide = round(width * cellWidth);
  const block =
    look.paper === undefined
      ? ''
      : `<rect x="${x}" width="${wide}" height="${cellHeight}" fill="${look.paper}"/>`;
  if (text.trim() === '') return block;
  // The length is given so that columns stay straight in any font.
  const stretch = /^[ -~]*$/.test(text) ? '' : ' lengthAdjust="spacingAndGlyphs"';
  return `${block}<text x="${x}" y="14" textLength="${wide}"${stretch}${attributesOf(look)}>${escapeXml(text)}</text>`;
}

function attributesOf({ ink, bold, italic, dim, underline }: Look): string {
  return [
    ` fill="${ink}"`,
    bold ? ' font-weight="bold"' : '',
    italic ? ' font-style="italic"' : '',
    dim ? ' opacity=".6"' : '',
    underline ? ' text-decoration="underline"' : '',
  ].join('');
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
