import { expect, test } from 'vitest';
import { eraseReflowed } from '../../src/terminal/inline/reflow.ts';

/** What is written when a terminal comes to have so many columns. */
function writtenAt(columns: number, lines: readonly string[], width: number): string {
  let written = '';
  const write = (text: string | Uint8Array): boolean => {
    written += String(text);
    return true;
  };
  eraseReflowed(
    { columns, rows: 24, write },
    lines.map((text) => [{ text }]),
    width,
  );
  return written;
}

test('as many rows are erased as the footer takes once it is broken', () => {
  const lines = ['x'.repeat(70), 'short'];
  expect(writtenAt(80, lines, 100)).toBe('');
  expect(writtenAt(60, lines, 100)).toBe('\u001B[3A\r\u001B[J\n\n');
});

test('a terminal without a size is no mistake', () => {
  expect(writtenAt(0, ['x'.repeat(100), 'short'], 60)).toBe('');
});

test('a line that was cut at the edge before takes no more rows than what was left of it', () => {
  expect(writtenAt(40, ['x'.repeat(100), 'short'], 60)).toBe('\u001B[3A\r\u001B[J\n\n');
});
