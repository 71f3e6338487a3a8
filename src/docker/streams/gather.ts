import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EngineStream } from '../http.ts';
import { sleep } from '../sleep.ts';

/** How long what comes in crumbs is gathered for those who look on, in milliseconds: twenty pictures a second look like a flow. */
export const lookingOn = 50;
/** What is as large as this, in bytes, is no crumb: the source has more at hand than is taken from it. */
const plenty = 16 * 1024;

/**
 * What a stream gives, in fewer pieces: what comes after a silence at once, what follows soon after it together. A program
 * that writes a thousand lines a second, each of which comes by itself, costs no more than one that writes thirty.
 */
export async function* gather(
  source: EngineStream,
  milliseconds: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const piece of source) {
    yield piece;
    if (piece.length < plenty) await leaveAlone(source, milliseconds, signal);
  }
}

/** What comes meanwhile waits on the way here, where it costs nothing, and is then read as one. */
async function leaveAlone(source: EngineStream, milliseconds: number, signal: AbortSignal): Promise<void> {
  const connection = source.complete === true ? undefined : source.socket;
  connection?.pause();
  await sleep(milliseconds, signal);
  connection?.resume();
  // What waited is read before the stream is asked for what it has.
  await nextTurn();
}
