import type { LogBook, LogEntry } from '../../report/logs/book.ts';
import { type Selection, selectAll, selectLines } from '../../report/logs/selection.ts';
import { widthOfSources } from '../../report/prefix.ts';
import { widthOf } from '../../report/width.ts';
import type { Line } from '../spans.ts';
import { type Look, rowsOfEntry } from './entry.ts';
import type { LogsState } from './state.ts';

/** Where and how the pane is drawn. */
export interface PaneSize {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
  /** Names in the order of the file: by it each has its colour. */
  readonly services: readonly string[];
}

/** A row on the screen: the line and which of the rows it takes. */
export interface Place {
  readonly number: number;
  readonly row: number;
}

export interface ShownRow {
  readonly entry: LogEntry;
  readonly row: number;
  readonly line: Line;
}

/** Characters that are read for one frame; what is left is read for the next ones. */
const effortPerFrame = 8_000_000;

interface Selections {
  readonly shown: Selection;
  readonly matches: Selection | undefined;
  readonly errors: Selection;
}

/** The lines that are shown, and among them those that were searched for and errors. */
export function selections({ tests }: LogsState, book: LogBook, effort = effortPerFrame): Selections {
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

/** The rows that fit into the pane. */
export function linesOf(state: LogsState, book: LogBook, size: PaneSize): readonly ShownRow[] {
  return createWalk(state, book, size).page();
}

/** How far a page goes: one row stays. */
export function pageOf(_state: LogsState, _book: LogBook, size: PaneSize): number {
  return Math.max(1, size.rows - 1);
}

/** The place at the top of the pane. */
export function topPlace(state: LogsState, book: LogBook, size: PaneSize): Place {
  const [first] = linesOf(state, book, size);
  return first === undefined
    ? { number: book.last + 1, row: 0 }
    : { number: first.entry.number, row: first.row };
}

/** The place so many rows above the top of the pane, or below if negative; none if the end can be seen from there. */
export function placeAbove(state: LogsState, rows: number, book: LogBook, size: PaneSize): Place | undefined {
  const walk = createWalk(state, book, size);
  const place = walk.move(walk.top(), -rows);
  return walk.isLast(place) ? undefined : walk.name(place);
}

/** A row by the place of its line among those that are shown. */
interface Position {
  readonly line: number;
  readonly row: number;
}

function createWalk(state: LogsState, book: LogBook, size: PaneSize) {
  const { shown } = selections(state, book);
  const look = lookOf(state, book, size);
  const height = Math.max(1, size.rows);

  const entryAt = (line: number): LogEntry | undefined => book.get(shown.numberAt(line) ?? 0);
  const rowsAt = (line: number): readonly Line[] => {
    const entry = entryAt(line);
    return entry === undefined ? [] : rowsOfEntry(entry, look);
  };
  const move = (from: Position, by: number): Position => {
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
      if (line >= shown.count - 1) return { line, row: row + Math.max(0, rest) };
      left -= rest + 1;
      line += 1;
      row = 0;
    }
    return { line, row };
  };
  /** The highest place from which the end can be seen. */
  const lastTop = (): Position => {
    const line = Math.max(0, shown.count - 1);
    return move({ line, row: Math.max(0, rowsAt(line).length - 1) }, 1 - height);
  };
  const isLast = ({ line, row }: Position): boolean => {
    const last = lastTop();
    return line > last.line || (line === last.line && row >= last.row);
  };
  const top = (): Position => {
    if (state.top === undefined) return lastTop();
    const line = shown.placeOf(state.top.number);
    const isThere = shown.numberAt(line) === state.top.number;
    const row = isThere ? Math.min(state.top.row, rowsAt(line).length - 1) : 0;
    return isLast({ line, row }) ? lastTop() : { line, row };
  };
  return {
    move,
    top,
    isLast,
    name: ({ line, row }: Position): Place => ({ number: shown.numberAt(line) ?? book.last + 1, row }),
    page(): readonly ShownRow[] {
      const page: ShownRow[] = [];
      const from = top();
      for (let { line, row } = from; page.length < height && line < shown.count; line += 1, row = 0) {
        const entry = entryAt(line);
        if (entry === undefined) continue;
        const rows = rowsOfEntry(entry, look);
        for (; row < rows.length && page.length < height; row += 1)
          page.push({ entry, row, line: rows[row] ?? [] });
      }
      return page;
    },
  };
}

const timeWidths = { off: 0, time: 9, delta: 8 } as const;

/** All that the look of a line depends on, beside the line. */
export function lookOf(state: LogsState, book: LogBook, size: PaneSize): Look {
  const { services, ascii } = size;
  const columns = Math.max(1, size.columns);
  const longest = Math.max(
    ...[...book.sources.keys()].map(widthOf),
    ...services.map((name) => widthOf(name) + 2),
    0,
  );
  const timeWidth = timeWidths[state.timestamps] < columns / 3 ? timeWidths[state.timestamps] : 0;
  const nameWidth = widthOfSources(longest, columns);
  // In a narrow pane what was written is worth more than who wrote it.
  const prefixed = nameWidth > 0 && columns - timeWidth - nameWidth - 3 >= 16;
  const room = columns - timeWidth - (prefixed ? nameWidth + 1 : 0) - 2;
  return {
    timeWidth,
    nameWidth: prefixed ? nameWidth : 0,
    columns: columns - timeWidth,
    width: Math.max(1, room),
    services,
    ascii,
    wrap: state.wrap,
    left: state.left,
    json: state.json,
    search: state.search,
  };
}
