import type { LogBook, LogEntry } from '../../report/logs/book.ts';
import { withoutColours } from '../../report/logs/pattern.ts';
import { formatDuration, formatTime } from '../../report/words.ts';
import type { Line, Span } from '../spans.ts';
import { linesOfEntry } from './entry.ts';
import type { LogsState } from './state.ts';
import { linesOf, lookOf, type PaneSize, selections } from './viewport.ts';

const blank: Line = [{ text: ' ' }];

/** The log pane: exactly `rows` lines, none wider than `columns`. */
export function layOutLogs(state: LogsState, book: LogBook, size: PaneSize): readonly Line[] {
  const shown = linesOf(state, book, size);
  const { timeWidth } = lookOf(state, book, size);
  const lines = shown.map(({ entry, row, line }, place): Line => {
    if (timeWidth === 0) return line;
    const before = shown[place - 1]?.entry;
    const text = row > 0 ? '' : timeOf(entry, before, state.timestamps);
    return [{ text: text.padEnd(timeWidth), style: 'dim' }, ...line];
  });
  return Array.from({ length: size.rows }, (_, row) => lines[row] ?? blank);
}

/** What the pane shows at the moment: `logs: all (db muted) · follow · level≥info`. */
export function describeLogs(state: LogsState, book: LogBook, size: PaneSize): Line {
  const { filter, search, complaint } = state;
  const { solo, muted, level, stream, pattern, since } = filter;
  const { shown, matches } = selections(state, book);
  const unseen = shown.count - shown.placeOf(state.pausedAt + 1);
  const dot = size.ascii ? ' - ' : ' · ';
  const silent = muted.length === 0 ? '' : ` (${muted.join(', ')} muted)`;
  const parts: readonly (string | undefined)[] = [
    `logs: ${solo ?? `all${silent}`}`,
    state.top === undefined ? 'follow' : `paused${unseen > 0 ? `, ${unseen} new` : ''}`,
    level === undefined ? undefined : `level${size.ascii ? '>=' : '≥'}${level}`,
    stream,
    pattern === undefined ? undefined : `filter ${pattern.text}`,
    search === undefined ? undefined : `search ${search.text}: ${matches?.count ?? 0}`,
    since === undefined ? undefined : 'since here',
  ];
  const spans: Span[] = [{ text: parts.filter((part) => part !== undefined).join(dot) }];
  if (complaint !== undefined) spans.push({ text: `${dot}${complaint}`, style: 'red' });
  return spans;
}

/** All lines that are shown, or with a size those in the pane, as plain text: to be saved, copied or edited. */
export function textOfLogs(state: LogsState, book: LogBook, size?: PaneSize): string {
  const { shown } = selections(state, book, Number.POSITIVE_INFINITY);
  const entries =
    size === undefined
      ? Array.from({ length: shown.count }, (_, place) => book.get(shown.numberAt(place) ?? 0))
      : [...new Set(linesOf(state, book, size).map(({ entry }) => entry))];
  let before: LogEntry | undefined;
  return entries
    .flatMap((entry) => {
      if (entry === undefined) return [];
      const time = state.timestamps === 'off' ? '' : `${timeOf(entry, before, state.timestamps)} `;
      before = entry;
      const who = entry.source === '' ? '' : `${entry.source} | `;
      return linesOfEntry(entry, state.json).map(
        (line) => `${time}${who}${withoutColours(line.map(({ text }) => text).join(''))}\n`,
      );
    })
    .join('');
}

function timeOf(entry: LogEntry, before: LogEntry | undefined, kind: LogsState['timestamps']): string {
  if (kind === 'time') return formatTime(entry.at);
  return before === undefined ? '' : `+${formatDuration(entry.at - before.at)}`;
}
