import type { LogBook } from '../../report/logs/book.ts';
import { everything, isFiltering, type LogFilter, passes } from '../../report/logs/filter.ts';
import type { Level } from '../../report/logs/levels.ts';
import { isMatch, type Pattern, readPattern } from '../../report/logs/pattern.ts';
import type { LineTest } from '../../report/logs/selection.ts';
import { linesOf, type PaneSize, type Place, pageOf, placeAbove, selections, topPlace } from './viewport.ts';

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
      return scroll(quiet, -1, book, size);
    case 'down':
      return scroll(quiet, 1, book, size);
    case 'page-up':
      return scroll(quiet, -pageOf(quiet, book, size), book, size);
    case 'page-down':
      return scroll(quiet, pageOf(quiet, book, size), book, size);
    case 'top':
      return { ...pause(quiet, book, size), top: { number: book.first, row: 0 } };
    case 'left':
    case 'right': {
      const step = Math.max(1, Math.floor(size.columns / 3)) * (command.kind === 'left' ? -1 : 1);
      return quiet.wrap ? quiet : { ...quiet, left: Math.max(0, quiet.left + step) };
    }
    case 'next-match':
      return jump(quiet, 'matches', 1, book, size);
    case 'previous-match':
      return jump(quiet, 'matches', -1, book, size);
    case 'next-error':
      return jump(quiet, 'errors', 1, book, size);
    case 'previous-error':
      return jump(quiet, 'errors', -1, book, size);
    case 'first-error': {
      const { errors } = selections(quiet, book, Number.POSITIVE_INFINITY);
      const number = errors.numberAt(errors.placeOf(book.begun));
      return number === undefined ? quiet : reveal(quiet, number, false, book, size);
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
  return { ...state, top: topPlace(state, book, size), pausedAt: book.last };
}

/** Down to the end is to follow again. */
function scroll(state: LogsState, rows: number, book: LogBook, size: PaneSize): LogsState {
  const top = placeAbove(state, -rows, book, size);
  if (top === undefined) return rows > 0 ? follow(state) : pause(state, book, size);
  return { ...pause(state, book, size), top };
}

function find(state: LogsState, text: string, book: LogBook, size: PaneSize): LogsState {
  if (text === '') return withTests({ ...state, search: undefined, cursor: undefined });
  return understood(state, text, (search) => {
    const searching = withTests({ ...state, search, cursor: undefined });
    const { matches } = selections(searching, book, Number.POSITIVE_INFINITY);
    if (matches === undefined || matches.count === 0) return searching;
    const shown = linesOf(searching, book, size);
    const isFollowing = state.top === undefined;
    // What can be seen is nearest; else what was last before it.
    const seen = shown
      .map(({ entry }) => entry.number)
      .filter((number) => matches.numberAt(matches.placeOf(number)) === number);
    const above = matches.numberAt(matches.placeOf(shown[0]?.entry.number ?? 0) - 1);
    const below = matches.numberAt(matches.placeOf(shown.at(-1)?.entry.number ?? 0));
    const target = (isFollowing ? seen.at(-1) : seen[0]) ?? (isFollowing ? above : (below ?? above));
    return target === undefined ? searching : reveal(searching, target, false, book, size);
  });
}

function jump(
  state: LogsState,
  what: 'matches' | 'errors',
  step: 1 | -1,
  book: LogBook,
  size: PaneSize,
): LogsState {
  const selection = selections(state, book, Number.POSITIVE_INFINITY)[what];
  if (selection === undefined || selection.count === 0) return state;
  const shown = linesOf(state, book, size);
  const from = state.cursor ?? (state.top === undefined ? book.last + 1 : (shown[0]?.entry.number ?? 0));
  const place = selection.placeOf(from);
  const isOn = selection.numberAt(place) === from;
  const next = step < 0 ? place - 1 : isOn && state.cursor !== undefined ? place + 1 : place;
  const wrapped = next < 0 || next >= selection.count;
  const number = selection.numberAt((next + selection.count) % selection.count);
  return number === undefined ? state : reveal(state, number, wrapped, book, size);
}

/** Shows a line: where it is if it can be seen, else with some lines above it. */
function reveal(
  state: LogsState,
  number: number,
  wrapped: boolean,
  book: LogBook,
  size: PaneSize,
): LogsState {
  const paused = pause(state, book, size);
  const isSeen = linesOf(paused, book, size).some(({ entry }) => entry.number === number);
  const there: LogsState = { ...paused, cursor: number, wrapped };
  if (isSeen) return there;
  const top = { number, row: 0 };
  const above = Math.floor(size.rows / 3);
  return { ...there, top: placeAbove({ ...there, top }, above, book, size) ?? top };
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
  const { pattern } = filter;
  const readsText = pattern !== undefined;
  return {
    shown: isFiltering(filter) ? { passes: (entry) => passes(filter, entry), readsText } : undefined,
    matches:
      search === undefined
        ? undefined
        : { passes: (entry) => passes(filter, entry) && isMatch(search, entry.text), readsText: true },
    errors: {
      passes: (entry) => entry.level === 'error' && entry.head === undefined && passes(filter, entry),
      readsText,
    },
  };
}

function after<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value;
}
