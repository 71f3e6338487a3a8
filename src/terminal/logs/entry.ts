import type { LogEntry } from '../../report/logs/book.ts';
import { expandJsonLine, readJsonLine } from '../../report/logs/json-lines.ts';
import type { Level } from '../../report/logs/levels.ts';
import { type Pattern, placesOf, withoutColours } from '../../report/logs/pattern.ts';
import type { Style } from '../../report/paint.ts';
import { fitSource } from '../../report/prefix.ts';
import { noticeStyles, shapeOf } from '../../report/shapes.ts';
import { serviceStyle } from '../../report/words.ts';
import type { Line, Span } from '../spans.ts';
import { readColours } from './colours.ts';
import { layOutRows } from './rows.ts';

/** Which span of a row parts who wrote a line from what was written, and its columns; not in panes this narrow. */
export const barPlace = 1;
export const barWidth = 2;

/** How lines are shown at the moment. */
export interface Look {
  /** Other for each other look. */
  readonly key: string;
  /** Columns for the name of who wrote a line; 0: no names. */
  readonly nameWidth: number;
  /** Columns for the time, which is not part of the rows. */
  readonly timeWidth: number;
  /** Columns for all but the time. */
  readonly columns: number;
  /** Columns for what was written. */
  readonly width: number;
  readonly services: readonly string[];
  readonly ascii: boolean;
  readonly wrap: boolean;
  readonly left: number;
  readonly json: 'line' | 'expanded' | 'raw';
  readonly search: Pattern | undefined;
}

interface LaidOut {
  readonly key: string;
  readonly rows: readonly Line[];
}

/** What was laid out lately: some screens full, in two generations of which the older is dropped when the younger is full. */
let recent = new Map<LogEntry, LaidOut>();
let former = recent;
const kept = 500;

/** The rows of a line, with who wrote it, but without the time. As long as the look stays they are laid out once. */
export function rowsOfEntry(entry: LogEntry, look: Look): readonly Line[] {
  const known = recent.get(entry) ?? former.get(entry);
  if (known?.key === look.key) return known.rows;
  const rows = layOutEntry(entry, look);
  if (recent.size >= kept) [former, recent] = [recent, new Map()];
  recent.set(entry, { key: look.key, rows });
  return rows;
}

function layOutEntry(entry: LogEntry, look: Look): readonly Line[] {
  const lines = linesOfEntry(entry, look).map((line) => highlight(line, look.search));
  if (entry.stream === 'notice')
    return lines.flatMap((line) => layOutRows(line, { ...look, width: look.columns }));
  const { nameWidth, ascii, services } = look;
  const rows = lines.flatMap((line) => layOutRows(line, look));
  if (look.columns <= barWidth) return rows;
  const style = styleOf(services.indexOf(entry.service));
  const name = nameWidth === 0 ? '' : `${fitSource(entry.source, nameWidth, ascii)} `;
  const blank = nameWidth === 0 ? '' : ' '.repeat(nameWidth + 1);
  const bar = barOf(entry, ascii);
  return rows.map((row, place) => [place === 0 ? { text: name, style } : { text: blank }, bar, ...row]);
}

/** What a line says, without who and when, as it is shown: JSON lines for people. */
export function linesOfEntry(entry: LogEntry, look: Pick<Look, 'json' | 'ascii'>): readonly Line[] {
  if (entry.stream === 'notice') return [noticeLine(entry, look.ascii)];
  const { text, level, head } = entry;
  const parts = look.json === 'raw' ? undefined : readJsonLine(text);
  const tone = level === undefined ? undefined : toneOf[level];
  if (parts === undefined) {
    const isPlain = head === undefined && !text.includes('\u001B');
    return [isPlain ? [{ text, ...styled(tone) }] : readColours(text)];
  }
  const word: Line =
    level === undefined ? [] : [{ text: `${level.toUpperCase().padEnd(5)} `, ...styled(tone) }];
  const message: Span = { text: parts.message };
  if (look.json === 'expanded') {
    const fields = (expandJsonLine(text) ?? []).map((line): Line => [{ text: line, style: 'dim' }]);
    return [[...word, message], ...fields];
  }
  const fields = parts.fields.map(([key, value]) => `${key}=${value}`).join(' ');
  const gap = parts.message === '' || fields === '' ? '' : '  ';
  return [[...word, message, { text: `${gap}${fields}`, style: 'dim' }]];
}

const toneOf: Readonly<Partial<Record<Level, Style>>> = {
  error: 'red',
  warn: 'yellow',
  debug: 'dim',
  trace: 'dim',
};

function noticeLine({ text, service, look }: LogEntry, ascii: boolean): Line {
  if (look === 'detail' || look === undefined) return readColours(text);
  if (look === 'save') {
    const dash = ascii ? '--' : '──';
    return [{ text: `${dash} ${withoutColours(text)} ${dash}`, style: 'cyan' }];
  }
  const name: Line = service === '' ? [] : [{ text: `${service} `, style: 'bold' }];
  const shape = look === 'refused' ? 'bad' : look;
  return [{ text: `${shapeOf(shape, ascii)} `, style: noticeStyles[shape] }, ...name, ...readColours(text)];
}

function barOf({ stream }: LogEntry, ascii: boolean): Span {
  if (stream === 'stderr') return { text: ascii ? '! ' : '┃ ', style: 'red' };
  return { text: ascii ? '| ' : '│ ', style: 'dim' };
}

function styleOf(place: number): Style {
  return place < 0 ? 'dim' : serviceStyle(place);
}

function styled(style: Style | undefined): { style?: Style } {
  return style === undefined ? {} : { style };
}

/** Every match in reverse video, whatever colours there are. */
function highlight(line: Line, search: Pattern | undefined): Line {
  if (search === undefined || search.negated) return line;
  const text = line.map((span) => span.text).join('');
  const found = placesOf(search, text).filter((match) => match[0] !== '');
  if (found.length === 0) return line;
  const spans: Span[] = [];
  let start = 0;
  let next = 0;
  for (const span of line) {
    const end = start + span.text.length;
    let from = start;
    while (from < end) {
      const match = found[next];
      const begin = match?.index ?? Number.POSITIVE_INFINITY;
      const stop = begin + (match?.[0].length ?? 0);
      if (begin > from) {
        const to = Math.min(begin, end);
        spans.push({ ...span, text: text.slice(from, to) });
        from = to;
      } else {
        const to = Math.min(stop, end);
        spans.push({ text: text.slice(from, to), inverse: true });
        from = to;
        if (stop <= end) next += 1;
      }
    }
    start = end;
  }
  return spans;
}
