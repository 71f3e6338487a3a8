import type { LogEntry } from './book.ts';
import type { Level } from './levels.ts';
import { isMatch, type Pattern } from './pattern.ts';

/** Which lines are wanted; what is absent asks for nothing. */
export interface LogFilter {
  readonly pattern?: Pattern;
  /** This grave or graver. A line that does not say how grave it is counts as `info`. */
  readonly level?: Level;
  readonly stream?: 'stdout' | 'stderr';
  /** Only this service, or this container of one: `web` or `web-1`. */
  readonly solo?: string;
  readonly muted: readonly string[];
  /** The first line: "since here". */
  readonly since?: number;
}

export const everything: LogFilter = { muted: [] };

/** Whether any line could be left out. */
export function isFiltering(filter: LogFilter): boolean {
  const { pattern, level, stream, solo, muted, since } = filter;
  const asks = [pattern, level, stream, solo, since].some((one) => one !== undefined);
  return asks || muted.length > 0;
}

/** What tells whether a line is wanted. Notices tell of all streams, and those about the whole stack of all services. */
export function compileFilter(filter: LogFilter): (entry: LogEntry) => boolean {
  const { pattern, level, stream, solo, since = 0 } = filter;
  const muted = new Set(filter.muted);
  const least = level === undefined ? 0 : ranks[level];
  return (entry) => {
    if (entry.number < since) return false;
    const { service, source } = entry;
    if (service !== '') {
      if (solo !== undefined) {
        if (solo !== service && solo !== source) return false;
      } else if (muted.size > 0 && (muted.has(service) || muted.has(source))) return false;
    }
    if (entry.stream !== 'notice') {
      if (stream !== undefined && entry.stream !== stream) return false;
      if (ranks[entry.level ?? 'info'] < least) return false;
    }
    return pattern === undefined || isMatch(pattern, entry.text, service);
  };
}

const ranks: Readonly<Record<Level, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };
