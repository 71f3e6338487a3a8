/** Colours by the part they play, so that a screen without colour is the same text without codes. */
export interface Painter {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly underline: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
  readonly brightRed: Paint;
  readonly brightGreen: Paint;
  readonly brightYellow: Paint;
  readonly brightBlue: Paint;
  readonly brightMagenta: Paint;
  readonly brightCyan: Paint;
}

export type Paint = (text: string) => string;
export type Style = keyof Painter;

/** The SGR code that begins each style and the one that ends it. */
const codes: Readonly<Record<Style, readonly [begin: number, end: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  underline: [4, 24],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  brightRed: [91, 39],
  brightGreen: [92, 39],
  brightYellow: [93, 39],
  brightBlue: [94, 39],
  brightMagenta: [95, 39],
  brightCyan: [96, 39],
};

/** Paints with the sixteen colours every theme defines, or leaves text as it is. */
export function createPainter(colour: boolean): Painter {
  const paints = Object.entries(codes).map(([style, [begin, end]]): [string, Paint] => [
    style,
    colour ? (text) => (text === '' ? '' : `\u001B[${begin}m${text}\u001B[${end}m`) : (text) => text,
  ]);
  return Object.fromEntries(paints) as unknown as Painter;
}
