import type { LogBook, LogEntry } from '../../report/logs/book.ts';
import { type Effort, type Selection, selectAll, selectLines } from '../../report/logs/selection.ts';
import { widthOfSources } from '../../report/prefix.ts';
import { widthOf } from '../../report/width.ts';
import type { KeyMap } from '../keys.ts';
import type { Line } from '../spans.ts';
import { barWidth, type Look, rowsOfEntry } from './entry.ts';
import type { LogsState } from './state.ts';

/** Where and how the pane is drawn. */
export interface PaneSize {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
  /** Names in the order of the file: by it each has its colour. */
  readonly services: readonly string[];
  /** Absent: nobody has changed them. */
  readonly keys?: KeyMap;
}

/** A row of the pane: the line and which of the rows it takes. */
export interface Place {
  readonly number: number;
  readonly row: number;
}

export interface ShownRow {
  readonly entry: LogEntry;
  /** The line that is shown before it, also if it is above the pane. */
  readonly before: LogEntry | undefined;
  readonly row: number;
  readonly line: Line;
}

/** What can be seen through the pane. */
export interface Viewport {
  readonly rows: readonly ShownRow[];
  /** The first error since the last start or save, if it is out of sight; it takes a row of its own. */
  readonly pinned: LogEntry | undefined;
  /** The place at the top. */
  readonly top: Place;
  /** Rows for lines. */
  readonly height: number;
  readonly look: Look;
  /** The place so many rows below the top, above if negative. */
  move(from: Place, rows: number): Place;
  /** Whether the end can be seen from there. */
  reachesEnd(top: Place): boolean;
}

/** Characters that are read for one frame, some milliseconds; what is left is read for the next ones. */
const effortPerFrame = 4_000_000;
const fewestRowsWithPin = 6;

interface Selections {
  readonly shown: Selection;
  readonly matches: Selection | undefined;
  readonly errors: Selection;
}

/** The lines that are shown, and among them those that were searched for and errors. */
export function selections({ tests }: LogsState, book: LogBook, left = effortPerFrame): Selections {
  const effort: Effort = { left };
  return {
    shown: tests.shown === undefined ? selectAll(book) : selectLines(book, tests.shown, effort),
    matches: tests.matches === undefined ? undefined : selectLines(book, tests.matches, effort),
    errors: selectLines(book, tests.errors, effort),
  };
}

/** Whether all lines have been looked at. If not, the next frame shows more, though nothing new has come. */
export function isSettled(state: LogsState, book: LogBook): boolean {
  const { shown, matches, errors } = selections(state, book, 0);
  return shown.complete && errors.complete && (matches?.complete ?? true);
}

/** The first error since the last start, save or mark. */
export function firstError(state: LogsState, book: LogBook): LogEntry | undefined {
  const { errors } = selections(state, book);
  return book.get(errors.numberAt(errors.placeOf(book.begun)) ?? 0);
}

/** What the pane shows of the book. */
export function viewportOf(state: LogsState, book: LogBook, size: PaneSize): Viewport {
  const whole = lookThrough(state, book, size, Math.max(1, size.rows), undefined);
  if (size.rows < fewestRowsWithPin) return whole;
  const error = firstError(state, book);
  if (error === undefined || whole.rows.some(({ entry }) => entry === error)) return whole;
  return lookThrough(state, book, size, size.rows - 1, error);
}

/** A row by the place of its line among those that are shown. */
interface Position {
  readonly line: number;
  readonly row: number;
}

function lookThrough(
  state: LogsState,
  book: LogBook,
  size: PaneSize,
  height: number,
  pinned: LogEntry | undefined,
): Viewport {
  const { shown } = selections(state, book);
  const look = lookOf(state, book, size);

  const entryAt = (line: number): LogEntry | undefined => book.get(shown.numberAt(line) ?? 0);
  const rowsAt = (line: number): readonly Line[] => {
    const entry = entryAt(line);
    return entry === undefined ? [] : rowsOfEntry(entry, look);
  };
  const lastLine = Math.max(0, shown.count - 1);
  const end: Position = { line: lastLine, row: Math.max(0, rowsAt(lastLine).length - 1) };

  const walk = (from: Position, by: number): Position => {
    let { line, row } = from;
    let left = by;
    while (left < 0) {
      if (row + left >= 0) return { line, row: row + left };
      if (line === 0) return { line: 0, row: 0 };
      left += row + 1;
      line -= 1;
      row = rowsAt(line).length - 1;
    }
    while (left > 0) {
      const rest = rowsAt(line).length - 1 - row;
      if (left <= rest) return { line, row: row + left };
      if (line >= lastLine) return end;
      left -= rest + 1;
      line += 1;
      row = 0;
    }
    return { line, row };
  };
  /** The highest place from which the end can be seen. */
  const lastTop = walk(end, 1 - height);
  const isLast = ({ line, row }: Position): boolean =>
    line > lastTop.line || (line === lastTop.line && row >= lastTop.row);
  const find = ({ number, row }: Place): Position => {
    const line = shown.placeOf(number);
    const isThere = shown.numberAt(line) === number;
    return { line, row: isThere ? Math.min(row, rowsAt(line).length - 1) : 0 };
  };
  const name = ({ line, row }: Position): Place => ({ number: shown.numberAt(line) ?? book.last + 1, row });

  const wanted = state.top === undefined ? lastTop : find(state.top);
  const top = isLast(wanted) ? lastTop : wanted;
  const rows: ShownRow[] = [];
  for (let { line, row } = top; rows.length < height && line < shown.count; line += 1, row = 0) {
    const entry = entryAt(line);
    const before = entryAt(line - 1);
    const laid = entry === undefined ? [] : rowsOfEntry(entry, look);
    for (; entry !== undefined && row < laid.length && rows.length < height; row += 1)
      rows.push({ entry, before, row, line: laid[row] ?? [] });
  }
  return {
    rows,
    pinned,
    top: name(top),
    height,
    look,
    move: (from, by) => name(walk(find(from), by)),
    reachesEnd: (place) => isLast(find(place)),
  };
}

const timeWidths = { off: 0, time: 9, delta: 8 } as const;
/** In a narrow pane what was written is worth more than who wrote it. */
const narrowest = 16;

function lookOf(state: LogsState, book: LogBook, size: PaneSize): Look {
  const { services, ascii } = size;
  const columns = Math.max(1, size.columns);
  const time = timeWidths[state.timestamps];
  const timeWidth = columns - time >= narrowest ? time : 0;
  const rest = columns - timeWidth;
  const longest = Math.max(
    0,
    ...[...book.sources.keys()].map(widthOf),
    ...services.map((service) => widthOf(service) + 2),
  );
  const nameWidth = widthOfSources(longest, columns);
  const isNamed = nameWidth > 0 && rest - nameWidth - 1 - barWidth >= narrowest;
  const { wrap, left, json, search } = state;
  const width = Math.max(1, rest - (isNamed ? nameWidth + 1 : 0) - barWidth);
  const look = { timeWidth, nameWidth: isNamed ? nameWidth : 0, columns: rest, width };
  const key = JSON.stringify([look, services, ascii, wrap, left, json, search?.text]);
  return { ...look, key, services, ascii, wrap, left, json, search };
}
