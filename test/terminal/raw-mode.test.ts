import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { startDashboard } from '../../src/terminal/start.tsx';

/** A terminal of which only the order is of interest in which it is told things. */
function record() {
  const told: string[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(isRaw: boolean) {
      told.push(isRaw ? 'raw' : 'cooked');
      return stdin;
    },
    ref: () => stdin,
    unref: () => stdin,
  });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  stdout.on('data', () => told.push('text'));
  return { told, stdin: stdin as unknown as ReadStream, stdout: stdout as unknown as WriteStream };
}

test('nothing is written before keys are read: else Ctrl-C would throw away what is not shown yet', async () => {
  const { told, stdin, stdout } = record();
  const dashboard = await startDashboard({
    stdin,
    stdout,
    directory: '/',
    colour: false,
    ascii: false,
    onInterrupt: () => {},
  });
  expect(told[0]).toBe('raw');
  told.length = 0;
  await dashboard.lend(async () => {
    told.length = 0;
  });
  expect(told).toContain('text');
  expect(told[0]).toBe('raw');
  await dashboard.stop();
  expect(told.at(-1)).not.toBe('raw');
});
