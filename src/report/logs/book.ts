import type { LogsWritten } from '../../model/event.ts';
import type { shapeOf } from '../shapes.ts';
import { createLevelReader, type Level } from './levels.ts';

/** One line of what services wrote, or of what was said about them in between. */
export interface LogEntry {
  /** From 1 on, in the order in which they came; never given twice. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Empty for a notice about the whole stack. */
  readonly service: string;
  /** The container's name without the project: `web-1`. For a notice the service. */
  readonly source: string;
  readonly stream: 'stdout' | 'stderr' | 'notice';
  /** Made harmless; colours are kept. */
  readonly text: string;
  /** As far as the line says how grave it is; lines of a stack trace are what the error is they belong to. */
  readonly level: Level | undefined;
  /** The line it belongs to, e.g. the error that a stack trace follows. */
  readonly head: number | undefined;
  readonly look: NoticeLook | undefined;
}

/**
 * How a notice looks. `save` parts the logs into before and after; `refused`: what someone at the screen wanted could not
 * be done, which is no error of the stack.
 */
export type NoticeLook = 'save' | 'detail' | 'refused' | Parameters<typeof shapeOf>[0];

/** The latest lines of all services. The oldest are dropped when there are too many of them. */
export interface LogBook {
  write(event: LogsWritten & { readonly at: number }): void;
  /** A line of ours between those of the services. */
  note(service: string | undefined, text: string, at: number, look?: NoticeLook): void;
  /** Files were saved or something is started: what goes wrong from here on is news. */
  begin(): void;
  /** The oldest line there is; one more than `last` if there is none. */
  readonly first: number;
  /** The latest line; 0 before the first. */
  readonly last: number;
  /** The first line after the last `begin`. */
  readonly begun: number;
  /** Roughly what all of it takes in memory. */
  readonly bytes: number;
  /** All sources there have been, in the order of their first line, with their service. */
  readonly sources: ReadonlyMap<string, string>;
  get(number: number): LogEntry | undefined;
}

export interface LogBookOptions {
  /** Lines. */
  readonly capacity?: number;
  readonly maxBytes?: number;
}

const wide = /[^\0-\u00FF]/;
/** What an entry takes beside its text. */
const bytesPerEntry = 136;

/** A ring of lines: a new one takes the place of the oldest, in constant time. */
export function createLogBook({
  capacity = 100_000,
  maxBytes = 64 * 1024 * 1024,
}: LogBookOptions = {}): LogBook {
  const ring: (LogEntry | undefined)[] = [];
  const sources = new Map<string, string>();
  const readLevel = createLevelReader();
  let first = 1;
  let last = 0;
  let begun = 1;
  let bytes = 0;

  const drop = (): void => {
    const place = first % capacity;
    const oldest = ring[place];
    if (oldest !== undefined) bytes -= bytesOf(oldest.text);
    ring[place] = undefined;
    first += 1;
  };
  const add = (entry: LogEntry): void => {
    if (last - first + 1 >= capacity) drop();
    last = entry.number;
    ring[last % capacity] = entry;
    bytes += bytesOf(entry.text);
    while (bytes > maxBytes && first < last) drop();
  };

  return {
    write({ service, source, stream, lines, at }) {
      if (!sources.has(source)) sources.set(source, service);
      for (const text of lines) {
        const number = last + 1;
        const { level, head } = readLevel(source, stream, text, number);
        add({ number, at, service, source, stream, text, level, head, look: undefined });
      }
    },
    note(service = '', text, at, look = 'idle') {
      const level = look === 'bad' ? 'error' : undefined;
      const number = last + 1;
      const head = undefined;
      add({ number, at, service, source: service, stream: 'notice', text, level, head, look });
    },
    begin() {
      begun = last + 1;
    },
    get first() {
      return first;
    },
    get last() {
      return last;
    },
    get begun() {
      return begun;
    },
    get bytes() {
      return bytes;
    },
    sources,
    get: (number) => (number < first || number > last ? undefined : ring[number % capacity]),
  };
}

/** Characters beyond Latin-1 make a text take two bytes for each of its units. */
function bytesOf(text: string): number {
  return bytesPerEntry + (wide.test(text) ? text.length * 2 : text.length);
}
