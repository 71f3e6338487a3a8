import type { LogBook, LogEntry } from './book.ts';

/** The lines of a book that pass a test, oldest first, found by their place among them. */
export interface Selection {
  readonly count: number;
  /** Whether all lines of the book have been looked at; if not, the oldest are missing. */
  readonly complete: boolean;
  /** The number of the line at a place from 0 on. */
  numberAt(place: number): number | undefined;
  /** The place of the first line of this number or above; `count` if there is none. */
  placeOf(number: number): number;
}

/** Known by its identity: the same test is answered from the same index. */
export interface LineTest {
  readonly passes: (entry: LogEntry) => boolean;
  /** Whether it reads what a line says, which takes long for long lines. */
  readonly readsText: boolean;
  /** Called with lines before they are tested, where many at once take less time. */
  readonly prepare?: (entries: readonly LogEntry[]) => void;
}

/** Every line of a book, without an index. */
export function selectAll(book: LogBook): Selection {
  const { first, last } = book;
  const count = last - first + 1;
  return {
    count,
    complete: true,
    numberAt: (place) => (place < 0 || place >= count ? undefined : first + place),
    placeOf: (number) => Math.min(count, Math.max(0, number - first)),
  };
}

/** How many characters may still be read; what is read is taken from it. */
export interface Effort {
  left: number;
}

interface Index {
  /** Numbers below those that were first looked at, falling. */
  readonly older: number[];
  /** Numbers from there on, rising. */
  newer: number[];
  /** How many of `newer` were dropped from the book. */
  gone: number;
  /** Lines from here … */
  from: number;
  /** … to here have been looked at. */
  to: number;
}

const indexes = new WeakMap<LogBook, WeakMap<LineTest, Index>>();
/** What looking at a line costs beside its characters. */
const costPerLine = 100;
const coloured = 4;
/** Lines that are looked at together. */
const atOnce = 100;

/**
 * The lines that pass, by an index that is kept: only lines that came since are looked at. The first time the latest
 * lines come first, and no more than the effort allows is read; the rest is looked at when asked again.
 */
export function selectLines(book: LogBook, test: LineTest, effort: Effort): Selection {
  const index = indexOf(book, test);
  forget(index, book.first);
  const spend = (number: number): void => {
    const { text = '' } = book.get(number) ?? {};
    effort.left -= costPerLine;
    if (test.readsText) effort.left -= text.includes('\u001B') ? text.length * coloured : text.length;
  };
  /** Those of the lines that pass. */
  const look = (numbers: readonly number[]): readonly number[] => {
    const entries = numbers.flatMap((number) => book.get(number) ?? []);
    test.prepare?.(entries);
    return entries.filter(test.passes).map(({ number }) => number);
  };
  // What is new has to be there at once; it is little unless nobody looked for long.
  if (book.last - index.to > index.to - index.from + 1) restart(index, book.last);
  while (index.to < book.last) {
    const block: number[] = [];
    for (; index.to < book.last && block.length < atOnce; index.to += 1) block.push(index.to + 1);
    block.forEach(spend);
    index.newer.push(...look(block));
  }
  while (index.from > book.first && effort.left > 0) {
    const block: number[] = [];
    for (; index.from > book.first && effort.left > 0 && block.length < atOnce; index.from -= 1) {
      block.push(index.from - 1);
      spend(index.from - 1);
    }
    index.older.push(...look(block));
  }
  return snapshot(index, index.from <= book.first);
}

function indexOf(book: LogBook, test: LineTest): Index {
  const known = indexes.get(book) ?? new WeakMap<LineTest, Index>();
  indexes.set(book, known);
  const index = known.get(test) ?? { older: [], newer: [], gone: 0, from: book.last + 1, to: book.last };
  known.set(test, index);
  return index;
}

function restart(index: Index, last: number): void {
  index.older.length = 0;
  index.newer = [];
  index.gone = 0;
  index.from = last + 1;
  index.to = last;
}

/** Lines the book has no more. */
function forget(index: Index, first: number): void {
  const { older } = index;
  while (older.length > 0 && (older.at(-1) ?? 0) < first) older.pop();
  while (index.gone < index.newer.length && (index.newer[index.gone] ?? 0) < first) index.gone += 1;
  if (index.gone > 1000 && index.gone * 2 > index.newer.length) {
    index.newer = index.newer.slice(index.gone);
    index.gone = 0;
  }
  index.from = Math.max(index.from, first);
  index.to = Math.max(index.to, first - 1);
}

function snapshot({ older, newer, gone }: Index, complete: boolean): Selection {
  const count = older.length + newer.length - gone;
  const numberAt = (place: number): number | undefined => {
    if (place < 0 || place >= count) return undefined;
    return place < older.length ? older[older.length - 1 - place] : newer[gone + place - older.length];
  };
  return {
    count,
    complete,
    numberAt,
    placeOf(number) {
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((numberAt(middle) ?? 0) < number) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
