import { writeSync } from 'node:fs';

/** Writes without opening the stream, which takes longer than all else. A reader that has gone is no failure. */
export function writeOut(stream: 'stdout' | 'stderr', text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(stream === 'stdout' ? 1 : 2, rest));
  } catch {
    // It is closed, or it takes no more just now.
    process[stream].on('error', () => {}).write(rest);
  }
}
