import type { LogBook, LogEntry } from '../../report/logs/book.ts';
import { readJsonLine } from '../../report/logs/json-lines.ts';
import { withoutColours } from '../../report/logs/pattern.ts';
import { shapeOf } from '../../report/shapes.ts';
import { widthOf } from '../../report/width.ts';
import { formatCount, formatDuration, formatTime, plural } from '../../report/words.ts';
import { defaultKeys, type KeyAction, shownKey, wordsOf } from '../keys.ts';
import { clipLine, fitLine, type Line, type Span, widthOfLine } from '../spans.ts';
import { barPlace, barWidth, linesOfEntry } from './entry.ts';
import type { LogsState } from './state.ts';
import { type PaneSize, type ShownRow, selections, type Viewport, viewportOf } from './viewport.ts';

/** The log pane: exactly `rows` lines, none wider than `columns`. */
export function layOutLogs(state: LogsState, book: LogBook, size: PaneSize): readonly Line[] {
  const viewport = viewportOf(state, book, size);
  const { pinned, look } = viewport;
  const lines = [
    ...(pinned === undefined ? [] : [pinnedLine(pinned, state, book, size)]),
    ...viewport.rows.map((row): Line => {
      const line =
        row.entry.number === state.cursor && row.row === 0 && look.columns > barWidth
          ? marked(row)
          : row.line;
      if (look.timeWidth === 0) return line;
      const time = row.row > 0 ? '' : timeOf(row.entry, row.before, state.timestamps);
      return [{ text: time.padEnd(look.timeWidth).slice(0, look.timeWidth), style: 'dim' }, ...line];
    }),
  ];
  if (viewport.rows.length === 0) lines.push(emptyLine(state, book, size));
  const pane = Array.from({ length: Math.max(0, size.rows) }, (_, row) => lines[row] ?? []);
  const unseen = countUnseen(state, book, viewport);
  const last = pane.at(-1);
  return unseen === 0 || last === undefined ? pane : [...pane.slice(0, -1), withUnseen(last, unseen, size)];
}

/** What the pane shows at the moment: `logs: all (db muted) · follow · level≥info`. */
export function describeLogs(state: LogsState, book: LogBook, size: PaneSize): Line {
  const { filter, search, complaint, cursor } = state;
  const { solo, muted, level, stream, pattern, since } = filter;
  const { matches } = selections(state, book);
  const dot = size.ascii ? ' - ' : ' · ';
  const silent = muted.length === 0 ? '' : ` (${muted.join(', ')} muted)`;
  const found = (): string => {
    if (matches === undefined) return '';
    const place = cursor === undefined ? -1 : matches.placeOf(cursor);
    const isOn = place >= 0 && matches.numberAt(place) === cursor;
    const all = `${formatCount(matches.count)}${matches.complete ? '' : '+'}`;
    const went = isOn && state.wrapped ? ', went past the end' : '';
    return isOn ? `${formatCount(place + 1)} of ${all}${went}` : all;
  };
  const parts: readonly (string | undefined)[] = [
    state.top === undefined ? 'follow' : 'paused',
    level === undefined ? undefined : `level${size.ascii ? '>=' : '≥'}${level}`,
    stream === undefined ? undefined : `${stream} only`,
    pattern === undefined ? undefined : `filter ${pattern.text}`,
    since === undefined ? undefined : 'since here',
    search === undefined ? undefined : `search ${search.text}: ${found()}`,
  ];
  const said = parts.filter((part) => part !== undefined).map((part): Span => ({ text: `${dot}${part}` }));
  return [
    { text: `logs: ${solo ?? `all${silent}`}` },
    ...said,
    ...[pattern, search].flatMap(
      (one): Line =>
        one?.guard?.isGivenUp() === true
          ? [{ text: `${dot}${one.text} takes too long and was given up`, style: 'red' }]
          : [],
    ),
    ...(complaint === undefined ? [] : [{ text: `${dot}${complaint}`, style: 'red' as const }]),
  ];
}

/** All lines that are shown, or with a size those in the pane, as plain text: to be saved, copied or edited. */
export function textOfLogs(state: LogsState, book: LogBook, size?: PaneSize): string {
  const entries = size === undefined ? allShown(state, book) : inPane(state, book, size);
  const look = { json: state.json, ascii: size?.ascii ?? false };
  let before: LogEntry | undefined;
  const texts: string[] = [];
  for (const entry of entries) {
    const time = state.timestamps === 'off' ? '' : `${timeOf(entry, before, state.timestamps)} `;
    const who = entry.stream === 'notice' ? '' : `${entry.source} | `;
    before = entry;
    for (const line of linesOfEntry(entry, look))
      texts.push(`${time}${who}${line.map(({ text }) => text).join('')}\n`);
  }
  return texts.join('');
}

function allShown(state: LogsState, book: LogBook): readonly LogEntry[] {
  const { shown } = selections(state, book, Number.POSITIVE_INFINITY);
  const entries = Array.from({ length: shown.count }, (_, place) => book.get(shown.numberAt(place) ?? 0));
  return entries.filter((entry) => entry !== undefined);
}

function inPane(state: LogsState, book: LogBook, size: PaneSize): readonly LogEntry[] {
  return [...new Set(viewportOf(state, book, size).rows.map(({ entry }) => entry))];
}

/** Local time, or how long after the line before. */
function timeOf(entry: LogEntry, before: LogEntry | undefined, kind: LogsState['timestamps']): string {
  if (kind === 'time') return formatTime(entry.at);
  return before === undefined ? '' : `+${formatDuration(entry.at - before.at)}`.padStart(7);
}

/** The line that was jumped to has a mark where others have their bar. */
function marked({ entry, line }: ShownRow): Line {
  if (entry.stream === 'notice') return line.map((span) => ({ ...span, inverse: true }));
  return line.map((span, place) => (place === barPlace ? { text: '> ', style: 'bold' } : span));
}

/** `✗ api-1 TypeError: x is undefined   3 errors`. */
function pinnedLine(error: LogEntry, state: LogsState, book: LogBook, size: PaneSize): Line {
  const { errors } = selections(state, book);
  const count = errors.count - errors.placeOf(error.number);
  const all: Line = [{ text: `  ${plural(count, 'error')}`, style: 'dim' }];
  const mark = size.ascii ? '~' : '…';
  const said = readJsonLine(error.text)?.message ?? withoutColours(error.text);
  // What is told of the stack as a whole has no source.
  const who = error.source === '' ? '' : `${error.source} `;
  const first: Line = [
    { text: `${shapeOf('bad', size.ascii)} ${who}`, style: 'red' },
    { text: said, style: 'red' },
  ];
  const room = size.columns - widthOfLine(all);
  return room < size.columns / 2 ? clipped(first, size) : [...fitLine(first, room, mark), ...all];
}

function emptyLine(state: LogsState, book: LogBook, size: PaneSize): Line {
  const all = book.last - book.first + 1;
  const since = state.filter.since !== undefined && state.filter.since > book.last;
  const { complete } = selections(state, book).shown;
  const some = `none of ${plural(all, 'line')} ${all === 1 ? 'is' : 'are'} shown${wayBack(state, size)}`;
  const text = all === 0 || since ? 'nothing was written yet' : complete ? some : 'looking for lines';
  return clipped([{ text, style: 'dim' }], size);
}

/** The keys by which all is shown again: `; u: no filter, 0: all services`. */
function wayBack({ filter }: LogsState, { keys = defaultKeys, ascii }: PaneSize): string {
  const { muted, solo, ...rest } = filter;
  const actions: readonly KeyAction[] = [
    ...(Object.keys(rest).length > 0 ? (['logs.clear'] as const) : []),
    ...(muted.length > 0 || solo !== undefined ? (['logs.all'] as const) : []),
  ];
  const told = actions.flatMap((action) => {
    const [key] = keys[action];
    return key === undefined ? [] : `${shownKey(key, ascii)}: ${wordsOf(action)}`;
  });
  return told.length === 0 ? '' : `; ${told.join(', ')}`;
}

/** Lines that came since it was paused and are below the pane. */
function countUnseen(state: LogsState, book: LogBook, { rows }: Viewport): number {
  if (state.top === undefined) return 0;
  const { shown } = selections(state, book);
  const seen = Math.max(state.pausedAt, rows.at(-1)?.entry.number ?? 0);
  return shown.count - shown.placeOf(seen + 1);
}

/** `↓ 132 new` at the right end of the last row. */
function withUnseen(line: Line, unseen: number, size: PaneSize): Line {
  const text = ` ${size.ascii ? 'v' : '↓'} ${formatCount(unseen)} new `;
  const room = size.columns - widthOf(text);
  return room < 0 ? line : [...fitLine(line, room, ''), { text, inverse: true }];
}

function clipped(line: Line, { columns, ascii }: PaneSize): Line {
  return clipLine(line, columns, ascii ? '~' : '…');
}
