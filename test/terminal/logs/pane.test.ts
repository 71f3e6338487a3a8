import { expect, test } from 'vitest';
import { createLogBook, type LogBook } from '../../../src/report/logs/book.ts';
import { describeLogs, layOutLogs, textOfLogs } from '../../../src/terminal/logs/pane.ts';
import {
  changeLogs,
  initialLogs,
  type LogsCommand,
  type LogsState,
} from '../../../src/terminal/logs/state.ts';
import { isSettled, type PaneSize } from '../../../src/terminal/logs/viewport.ts';
import { logs, start } from '../../report/recording.ts';

const size: PaneSize = { columns: 40, rows: 4, ascii: false, services: ['web', 'db'] };

function bookOf(...lines: readonly (readonly [service: string, text: string])[]): LogBook {
  const book = createLogBook();
  for (const [service, text] of lines) {
    const event = logs(service, [text]);
    if (event.type === 'logs-written') book.write({ ...event, at: start });
  }
  return book;
}

function shown(state: LogsState, book: LogBook, pane = size): readonly string[] {
  return layOutLogs(state, book, pane).map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
}

function after(book: LogBook, ...commands: readonly LogsCommand[]): LogsState {
  return commands.reduce((state, command) => changeLogs(state, command, book, size), initialLogs);
}

test('the latest lines of all services are followed', () => {
  const book = bookOf(['web', 'one'], ['db', 'two'], ['web', 'three']);
  expect(shown(initialLogs, book)).toEqual(['web-1 │ one', 'db-1  │ two', 'web-1 │ three', '']);
  expect(describeLogs(initialLogs, book, size)).toEqual([{ text: 'logs: all · follow' }]);
  expect(isSettled(initialLogs, book)).toBe(true);
});

test('a filter leaves lines out and says so', () => {
  const book = bookOf(['web', 'one'], ['db', 'two'], ['web', 'three']);
  const state = after(book, { kind: 'filter', text: 'T' }, { kind: 'filter', text: 't' });
  expect(textOfLogs(state, book)).toBe('db-1 | two\nweb-1 | three\n');
});
