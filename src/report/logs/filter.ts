import type { LogEntry } from './book.ts';
import { type Level, levels } from './levels.ts';
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

/** Whether a line is wanted. Notices tell of all streams, and those about the whole stack of all services. */
export function passes(filter: LogFilter, entry: LogEntry): boolean {
  const { pattern, level, stream, solo, muted, since } = filter;
  const { service, source, number } = entry;
  if (since !== undefined && number < since) return false;
  const isNotice = entry.stream === 'notice';
  if (!isNotice || service !== '') {
    const isOf = (name: string): boolean => name === service || name === source;
    if (solo !== undefined ? !isOf(solo) : muted.some(isOf)) return false;
  }
  if (stream !== undefined && !isNotice && entry.stream !== stream) return false;
  if (level !== undefined && !isNotice && rank(entry.level ?? 'info') < rank(level)) return false;
  return pattern === undefined || isMatch(pattern, entry.text);
}

function rank(level: Level): number {
  return levels.indexOf(level);
}
