import { createPainter, type Paint } from './paint.ts';
import type { View } from './view.ts';
import { clipMiddle, pad, widthOf } from './width.ts';
import { serviceStyle } from './words.ts';

const widest = 32;
const narrowest = 8;

interface Writer {
  readonly service: string;
  readonly source: string;
  readonly stream: 'stdout' | 'stderr';
}

interface LogLine extends Writer {
  /** Made harmless already. */
  readonly text: string;
}

/** What stands before each line of who wrote it. */
export type Head = (writer: Writer, services: View['services']) => string;

/** Writes lines of output behind the name of who wrote them: `web-1    | listening`. */
export interface Prefixer {
  format(line: LogLine, view: View): string;
  readonly head: Head;
}

export interface PrefixerOptions {
  readonly colour: boolean;
  readonly ascii: boolean;
  /** What stands between a name and what was written. */
  readonly bars: Readonly<Record<Writer['stream'], string>>;
  /** How wide the screen is now; a name takes no more than a third of it. */
  readonly columns?: () => number;
}

/**
 * Prefixes are as wide as the longest there has been, so that columns stay where they are once all have spoken. What
 * comes over stderr has another bar: many programs write all they have to say there, so it is no more than a nuance.
 */
export function createPrefixer({ colour, ascii, bars, columns }: PrefixerOptions): Prefixer {
  const paint = createPainter(colour);
  const paints = new Map<string, Paint>();
  let longest = 0;
  let known: View['services'] = [];

  const learn = (services: View['services']): void => {
    if (services === known) return;
    known = services;
    services.forEach(({ name }, index) => {
      if (paints.has(name)) return;
      paints.set(name, paint[serviceStyle(index)]);
      longest = Math.max(longest, widthOf(name) + 2);
    });
  };

  const head: Head = ({ service, source, stream }, services) => {
    learn(services);
    longest = Math.max(longest, widthOf(source));
    const width = widthOfSources(longest, columns?.());
    const name = paints.get(service) ?? paint.dim;
    const bar = stream === 'stderr' ? paint.red(bars.stderr) : paint.dim(bars.stdout);
    return `${name(fitSource(source, width, ascii))} ${bar} `;
  };

  return { head, format: (line, view) => `${head(line, view.services)}${line.text}` };
}

/** Puts what stands before each line before all lines of a text, each of which has its end. */
export function withHeads(lines: Uint8Array, head: string): Uint8Array {
  if (head === '') return lines;
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const first = Buffer.from(head);
  let count = 0;
  for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, end + 1)) count += 1;
  const all = Buffer.allocUnsafe(text.length + count * first.length);
  let to = 0;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf(lineFeed, at) + 1;
    to += first.copy(all, to);
    to += text.copy(all, to, at, next);
    at = next;
  }
  return all;
}

const lineFeed = 0x0a;

/** How wide the column of names is if the longest takes `longest` columns, on a screen of `columns`. */
export function widthOfSources(longest: number, columns = widest * 3): number {
  return Math.min(longest, Math.max(narrowest, Math.min(widest, Math.floor(columns / 3))));
}

/** A name as wide as its column; its end has the number, without which replicas could not be told apart. */
export function fitSource(source: string, width: number, ascii: boolean): string {
  return pad(clipMiddle(source, width, ascii ? '~' : '…'), width);
}
