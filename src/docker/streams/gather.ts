import { sleep } from '../sleep.ts';

/** How long what comes in crumbs is gathered before it is given on, in milliseconds: as long as a screen shows one picture. */
const gathering = 33;
/** What is as large as this, in bytes, is no crumb: the source has more at hand than is taken from it. */
const plenty = 16 * 1024;

/**
 * What a stream gives, in fewer pieces: what comes after a silence at once, what follows soon after it together. A program
 * that writes a thousand lines a second, each of which comes by itself, costs no more than one that writes thirty.
 */
export async function* gather(source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const piece of source) {
    yield piece;
    // Meanwhile the stream keeps what comes, and then gives all of it as one.
    if (piece.length < plenty) await sleep(gathering, signal);
  }
}
