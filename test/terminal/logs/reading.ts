import { createLogBook, type LogBook, type LogBookOptions } from '../../../src/report/logs/book.ts';
import { layOutLogs } from '../../../src/terminal/logs/pane.ts';
import {
  changeLogs,
  initialLogs,
  type LogsCommand,
  type LogsState,
} from '../../../src/terminal/logs/state.ts';
import type { PaneSize } from '../../../src/terminal/logs/viewport.ts';
import { start } from '../../report/recording.ts';

export const size: PaneSize = { columns: 40, rows: 4, ascii: false, services: ['web', 'db'] };

/** Writes lines, a second apart; `db: …` is of db and all else of web, `! …` goes to stderr. */
export function write(book: LogBook, ...lines: readonly string[]): void {
  for (const line of lines) {
    const service = line.startsWith('db: ') ? 'db' : 'web';
    const text = line.replace(/^db: /, '');
    const stream = text.startsWith('! ') ? 'stderr' : 'stdout';
    const at = start + book.last * 1000;
    const source = `${service}-1`;
    book.write({
      type: 'logs-written',
      service,
      number: 1,
      source,
      stream,
      lines: [text.replace(/^! /, '')],
      at,
    });
  }
}

export function bookOf(lines: readonly string[], options?: LogBookOptions): LogBook {
  const book = createLogBook(options);
  write(book, ...lines);
  return book;
}

/** `line 1` to `line N`. */
export function many(count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => `line ${place + 1}`);
}

/** The text of the pane, without what is blank at the right. */
export function screen(state: LogsState, book: LogBook, pane = size): readonly string[] {
  return layOutLogs(state, book, pane).map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
}

/** The same without who wrote it. */
export function said(state: LogsState, book: LogBook, pane = size): readonly string[] {
  return screen(state, book, pane).map((line) => line.replace(/^.*?[│┃>|!] /, ''));
}

type Key = Exclude<LogsCommand, { readonly text: string } | { readonly service: string }>['kind'];

/** The state after commands; those without a value by their name. */
export function after(
  book: LogBook,
  commands: readonly (LogsCommand | Key)[],
  from = initialLogs,
  pane = size,
): LogsState {
  return commands.reduce<LogsState>(
    (state, command) =>
      changeLogs(state, typeof command === 'string' ? { kind: command } : command, book, pane),
    from,
  );
}
