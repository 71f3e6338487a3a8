/** How grave a line is by its own words. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error'];

interface Reading {
  readonly level: Level | undefined;
  /** The line it belongs to. */
  readonly head: number | undefined;
}

/** Reads the level of each line of a source, in the order in which they were written. */
export type LevelReader = (source: string, stream: string, text: string, number: number) => Reading;

export function createLevelReader(): LevelReader {
  return (_source, _stream, text) => {
    const word = /\b(TRACE|DEBUG|INFO|WARN|ERROR)/.exec(text)?.[1]?.toLowerCase();
    return { level: levels.find((level) => level === word), head: undefined };
  };
}
