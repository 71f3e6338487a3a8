import type { LogBook, LogEntry } from '../../report/logs/book.ts';
import { compileFilter, everything, isFiltering, type LogFilter } from '../../report/logs/filter.ts';
import type { Level } from '../../report/logs/levels.ts';
import { isMatch, type Pattern, readPattern, tryBeforehand } from '../../report/logs/pattern.ts';
import type { LineTest } from '../../report/logs/selection.ts';
import { widthOfLine } from '../spans.ts';
import { linesOfEntry } from './entry.ts';
import { firstError, type PaneSize, type Place, selections, viewportOf } from './viewport.ts';

/** What the log pane shows. Changed by `changeLogs` alone. */
export interface LogsState {
  readonly filter: LogFilter;
  readonly search: Pattern | undefined;
  /** Why the last filter or search could not be used; the one before is still in force. */
  readonly complaint: string | undefined;
  /** The row at the top while paused; without it the latest lines are followed. */
  readonly top: Place | undefined;
  /** The latest line when it was paused. */
  readonly pausedAt: number;
  /** The line that was jumped to. */
  readonly cursor: number | undefined;
  /** The last jump went past one end and on at the other. */
  readonly wrapped: boolean;
  readonly wrap: boolean;
  /** Columns left of the pane, without `wrap`. */
  readonly left: number;
  readonly timestamps: 'off' | 'time' | 'delta';
  /** JSON lines: message first and fields behind it, each field on a line, or as they were written. */
  readonly json: 'line' | 'expanded' | 'raw';
  readonly tests: LogTests;
}

export interface LogTests {
  /** Nothing is left out without it. */
  readonly shown: LineTest | undefined;
  readonly matches: LineTest | undefined;
  readonly errors: LineTest;
}

export type LogsCommand =
  | {
      readonly kind:
        | 'follow'
        | 'pause'
        /** Pauses or follows. */
        | 'toggle'
        | 'up'
        | 'down'
        | 'page-up'
        | 'page-down'
        | 'top'
        | 'bottom'
        | 'left'
        | 'right'
        | 'next-match'
        | 'previous-match'
        | 'next-error'
        | 'previous-error'
        /** The error that is pinned: the first since the last start or save. */
        | 'first-error'
        | 'wrap'
        | 'timestamps'
        | 'json'
        /** Only what comes from here on; the second time all again. */
        | 'mark'
        /** All services: nobody solo, nobody muted. */
        | 'all'
        /** No filter, search, level, stream or mark. */
        | 'clear';
    }
  /** Jumps to the nearest match; an empty text ends the search. */
  | { readonly kind: 'search'; readonly text: string }
  /** An empty text takes the filter away. */
  | { readonly kind: 'filter'; readonly text: string }
  /** Without a value: the next one, after the last none. */
  | { readonly kind: 'level'; readonly level?: Level | 'all' }
  | { readonly kind: 'stream'; readonly stream?: 'stdout' | 'stderr' | 'both' }
  /** The second time it is no more. */
  | { readonly kind: 'solo' | 'mute'; readonly service: string };

export const initialLogs: LogsState = {
  filter: everything,
  search: undefined,
  complaint: undefined,
  top: undefined,
  pausedAt: 0,
  cursor: undefined,
  wrapped: false,
  wrap: true,
  left: 0,
  timestamps: 'off',
  json: 'line',
  tests: testsOf(everything, undefined),
};

/** The state after a command, for a pane of this size. */
export function changeLogs(state: LogsState, command: LogsCommand, book: LogBook, size: PaneSize): LogsState {
  const quiet = state.complaint === undefined ? state : { ...state, complaint: undefined };
  switch (command.kind) {
    case 'follow':
    case 'bottom':
      return follow(quiet);
    case 'pause':
      return pause(quiet, book, size);
    case 'toggle':
      return quiet.top === undefined ? pause(quiet, book, size) : follow(quiet);
    case 'up':
      return scroll(quiet, 'up', book, size);
    case 'down':
      return scroll(quiet, 'down', book, size);
    case 'page-up':
      return scroll(quiet, 'page-up', book, size);
    case 'page-down':
      return scroll(quiet, 'page-down', book, size);
    case 'top':
      return { ...pause(quiet, book, size), top: { number: book.first, row: 0 } };
    case 'left':
    case 'right':
      return quiet.wrap ? quiet : { ...quiet, left: sideways(quiet, command.kind, book, size) };
    case 'next-match':
      return jump(quiet, 'matches', 1, book, size);
    case 'previous-match':
      return jump(quiet, 'matches', -1, book, size);
    case 'next-error':
      return jump(quiet, 'errors', 1, book, size);
    case 'previous-error':
      return jump(quiet, 'errors', -1, book, size);
    case 'first-error': {
      const error = firstError(quiet, book);
      return error === undefined ? quiet : reveal(quiet, error.number, false, book, size);
    }
    case 'wrap':
      return { ...quiet, wrap: !quiet.wrap, left: 0 };
    case 'timestamps':
      return { ...quiet, timestamps: after(['off', 'time', 'delta'] as const, quiet.timestamps) };
    case 'json':
      return { ...quiet, json: after(['line', 'expanded', 'raw'] as const, quiet.json) };
    case 'mark': {
      const { since: _, ...filter } = quiet.filter;
      const marked = quiet.filter.since === undefined ? { ...filter, since: book.last + 1 } : filter;
      return withFilter(follow(quiet), marked);
    }
    case 'all': {
      const { solo: _, ...filter } = quiet.filter;
      return withFilter(quiet, { ...filter, muted: [] });
    }
    case 'clear': {
      const { solo, muted } = quiet.filter;
      const filter = { muted, ...(solo === undefined ? {} : { solo }) };
      return withFilter({ ...quiet, search: undefined, cursor: undefined }, filter);
    }
    case 'search':
      return find(quiet, command.text, book, size);
    case 'filter': {
      const { pattern: _, ...filter } = quiet.filter;
      if (command.text === '') return withFilter(quiet, filter);
      return understood(quiet, command.text, (pattern) => withFilter(quiet, { ...filter, pattern }));
    }
    case 'level': {
      const { level: current = 'all', ...filter } = quiet.filter;
      const next = command.level ?? after(['all', 'info', 'warn', 'error'] as const, current);
      return withFilter(quiet, { ...filter, ...(next === 'all' ? {} : { level: next }) });
    }
    case 'stream': {
      const { stream: current = 'both', ...filter } = quiet.filter;
      const next = command.stream ?? after(['both', 'stdout', 'stderr'] as const, current);
      return withFilter(quiet, { ...filter, ...(next === 'both' ? {} : { stream: next }) });
    }
    case 'solo': {
      const { solo, ...filter } = quiet.filter;
      const { service } = command;
      return withFilter(quiet, solo === service ? filter : { ...filter, solo: service });
    }
    case 'mute': {
      const { muted } = quiet.filter;
      const { service } = command;
      const others = muted.filter((name) => name !== service);
      const isMuted = others.length < muted.length;
      return withFilter(quiet, { ...quiet.filter, muted: isMuted ? others : [...muted, service] });
    }
  }
}

function follow(state: LogsState): LogsState {
  return { ...state, top: undefined, cursor: undefined, wrapped: false };
}

function pause(state: LogsState, book: LogBook, size: PaneSize): LogsState {
  if (state.top !== undefined) return state;
  return { ...state, top: viewportOf(state, book, size).top, pausedAt: book.last };
}

/** Down to the end is to follow again. */
function scroll(
  state: LogsState,
  way: 'up' | 'down' | 'page-up' | 'page-down',
  book: LogBook,
  size: PaneSize,
): LogsState {
  const { top, move, reachesEnd, height } = viewportOf(state, book, size);
  // A row of the page before stays in sight.
  const rows = way.startsWith('page') ? Math.max(1, height - 1) : 1;
  if (way === 'up' || way === 'page-up') {
    const above = move(top, -rows);
    const isThere = above.number === top.number && above.row === top.row;
    return isThere ? state : { ...pause(state, book, size), top: above };
  }
  const next = move(top, rows);
  return reachesEnd(next) ? follow(state) : { ...state, top: next };
}

/** Columns on the left that are out of sight: a third of the pane more or less, as long as there is something to see. */
function sideways(state: LogsState, way: 'left' | 'right', book: LogBook, size: PaneSize): number {
  const { rows, look } = viewportOf(state, book, size);
  const step = Math.max(1, Math.floor(look.width / 3));
  if (way === 'left') return Math.max(0, state.left - step);
  const widths = rows.flatMap(({ entry }) => linesOfEntry(entry, look).map(widthOfLine));
  return Math.max(0, Math.min(state.left + step, Math.max(0, ...widths) - look.width));
}

/** Lines that are read for one key; what was not is read for the next frames. */
const effortPerKey = 8_000_000;

/** What can be seen is the nearest match; while following what was last before it, while paused what comes next. */
function find(state: LogsState, text: string, book: LogBook, size: PaneSize): LogsState {
  if (text === '') return withTests({ ...state, search: undefined, cursor: undefined });
  return understood(state, text, (search) => {
    const searching = withTests({ ...state, search, cursor: undefined });
    const { passes } = searching.tests.matches ?? searching.tests.errors;
    const isFollowing = state.top === undefined;
    const { rows } = viewportOf(searching, book, size);
    const seen = rows.map(({ entry }) => entry).filter(passes);
    const nearest = (isFollowing ? seen.at(-1) : seen[0])?.number;
    if (nearest !== undefined) return reveal(searching, nearest, false, book, size);
    const { matches } = selections(searching, book, isFollowing ? effortPerKey : Number.POSITIVE_INFINITY);
    const place = matches?.placeOf(rows[0]?.entry.number ?? 0) ?? 0;
    const above = matches?.numberAt(place - 1);
    const below = matches?.numberAt(place);
    const target = isFollowing ? above : (below ?? above);
    return target === undefined ? searching : reveal(searching, target, false, book, size);
  });
}

/**
 * To the next or previous one from the line that was jumped to, or from what can be seen; at an end on at the other.
 * Who follows is at the end: the last one is the nearest either way.
 */
function jump(
  state: LogsState,
  what: 'matches' | 'errors',
  step: 1 | -1,
  book: LogBook,
  size: PaneSize,
): LogsState {
  const selection = selections(state, book, Number.POSITIVE_INFINITY)[what];
  if (selection === undefined || selection.count === 0) return state;
  const { count } = selection;
  const go = (place: number): LogsState => {
    const number = selection.numberAt((place + count) % count);
    return number === undefined ? state : reveal(state, number, place < 0 || place >= count, book, size);
  };
  if (state.top === undefined) return go(count - 1);
  const from = state.cursor ?? viewportOf(state, book, size).top.number;
  const place = selection.placeOf(from);
  if (step < 0) return go(place - 1);
  const isOn = state.cursor !== undefined && selection.numberAt(place) === from;
  return go(isOn ? place + 1 : place);
}

/** Shows a line: where it is if it can be seen, else with some lines above it. */
function reveal(
  state: LogsState,
  number: number,
  wrapped: boolean,
  book: LogBook,
  size: PaneSize,
): LogsState {
  const there: LogsState = { ...pause(state, book, size), cursor: number, wrapped };
  const { rows, height } = viewportOf(there, book, size);
  if (rows.some(({ entry, row }) => entry.number === number && row === 0)) return there;
  const at = viewportOf({ ...there, top: { number, row: 0 } }, book, size);
  const top = at.move({ number, row: 0 }, -Math.floor(height / 3));
  // Near the end the page is full of what is there, and stays where it is when more comes.
  return { ...there, top: viewportOf({ ...there, top }, book, size).top };
}

/** What was typed as a pattern; if it is none, the reason is told and all stays as it is. */
function understood(state: LogsState, text: string, then: (pattern: Pattern) => LogsState): LogsState {
  try {
    return then(readPattern(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ...state, complaint: `${text}: ${error.message}` };
  }
}

function withFilter(state: LogsState, filter: LogFilter): LogsState {
  return withTests({ ...state, filter });
}

function withTests(state: LogsState): LogsState {
  return { ...state, tests: testsOf(state.filter, state.search) };
}

function testsOf(filter: LogFilter, search: Pattern | undefined): LogTests {
  const passes = compileFilter(filter);
  const readsText = filter.pattern !== undefined;
  const prepareFor =
    (...patterns: readonly (Pattern | undefined)[]) =>
    (entries: readonly LogEntry[]): void => {
      const lines = entries.map(({ text }) => text);
      for (const pattern of patterns) if (pattern !== undefined) tryBeforehand(pattern, lines);
    };
  return {
    shown: isFiltering(filter) ? { passes, readsText, prepare: prepareFor(filter.pattern) } : undefined,
    matches:
      search === undefined
        ? undefined
        : {
            passes: (entry) => passes(entry) && isMatch(search, entry.text),
            readsText: true,
            prepare: prepareFor(filter.pattern, search),
          },
    errors: {
      passes: (entry) => entry.level === 'error' && entry.head === undefined && passes(entry),
      // Errors are few: hardly any text is read for them.
      readsText: false,
    },
  };
}

function after<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}
