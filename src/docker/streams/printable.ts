import { createSplit, type LogBatch, lastLinesOf, linesOf } from './demux.ts';
import { createLineSplitter } from './lines.ts';

/** Whole lines, with their ends, of which a terminal can have every byte: ASCII without controls. */
export interface PrintableBatch {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
  /** The engine's time of the last line; empty if there is none. */
  readonly time: string;
}

/** Whether the engine has put a time before each line, and whether that stays there. */
export type Times = 'none' | 'kept' | 'cut';

/** Takes the output of a container apart: into bytes where all lines that came together are printable, else into lines. */
export interface PrintableReader {
  /** The bytes that come out are those of the chunk, which is written over. */
  push(chunk: Buffer): Iterable<PrintableBatch | LogBatch>;
  /** Throws if the source has ended inside of a frame. */
  end(): Iterable<LogBatch>;
}

const headerLength = 8;
/** No engine sends larger frames; what announces one is not waited for. */
const largestFrame = 256 * 1024;
/** Of longer ones not all is shown. */
const longestLine = 10_000;

const [lineFeed, space, tilde] = [0x0a, 0x20, 0x7e];

/**
 * Does for a container without a terminal what `readLogLines` does, but makes no text of what needs no second look: that
 * is most of what programs write, and to make text of it and bytes of that again takes longer than all else.
 */
export function createPrintableReader(times: Times): PrintableReader {
  const [stdout, stderr] = [createLineSplitter(), createLineSplitter()];
  const split = createSplit(false);
  let left: Buffer | undefined;
  let isOdd = false;

  const textOf = (bytes: Buffer): Iterable<LogBatch> => linesOf(split(bytes), stdout, stderr);

  return {
    push(chunk) {
      const bytes = left === undefined ? chunk : Buffer.concat([left, chunk]);
      left = undefined;
      const whole = isOdd ? -1 : endOfFrames(bytes);
      if (whole < 0) {
        isOdd = true;
        return textOf(bytes);
      }
      // A copy: the rest of a few bytes is not to keep all that came with it.
      if (whole < bytes.length) left = Buffer.from(bytes.subarray(whole));
      const frames = bytes.subarray(0, whole);
      const isPlain = stdout.isEmpty && stderr.isEmpty && isPrintable(frames, times !== 'none');
      return isPlain ? batchesOf(frames, times) : textOf(frames);
    },
    *end() {
      if (left !== undefined) yield* textOf(left);
      yield* lastLinesOf(split, stdout, stderr);
    },
  };
}

/** Where the last frame ends that is there as a whole; -1 if something is none. */
function endOfFrames(bytes: Buffer): number {
  let at = 0;
  while (at + headerLength <= bytes.length) {
    const isFrame =
      (bytes[at] ?? 0) <= 2 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0;
    const length = bytes.readUInt32BE(at + 4);
    if (!isFrame || length > largestFrame) return -1;
    if (at + headerLength + length > bytes.length) break;
    at += headerLength + length;
  }
  return at;
}

/** Whether frames have nothing but whole lines that can be shown as they are. */
function isPrintable(frames: Buffer, timed: boolean): boolean {
  let at = 0;
  while (at < frames.length) {
    const end = at + headerLength + frames.readUInt32BE(at + 4);
    at += headerLength;
    if (at < end && frames[end - 1] !== lineFeed) return false;
    let begin = at;
    for (; at < end; at++) {
      const byte = frames[at] ?? 0;
      if (byte >= space && byte <= tilde) continue;
      if (byte !== lineFeed || at - begin > longestLine) return false;
      if (timed && timeLength(frames, begin) === 0) return false;
      begin = at + 1;
    }
  }
  return true;
}

/** Moves the lines together that follow each other in one stream. */
function* batchesOf(frames: Buffer, times: Times): Generator<PrintableBatch> {
  let [at, from, to] = [0, 0, 0];
  while (at < frames.length) {
    const kind = frames[at];
    const end = at + headerLength + frames.readUInt32BE(at + 4);
    // What is kept is never longer than what it is made of: a header that has not been read is not written over.
    const isLast = end === frames.length || frames[end] !== kind;
    at += headerLength;
    let time = '';
    while (at < end) {
      const next = times === 'none' ? end : frames.indexOf(lineFeed, at) + 1;
      const length = times === 'none' ? 0 : timeLength(frames, at);
      if (isLast && next === end) time = frames.toString('latin1', at, at + length).trimEnd();
      if (times === 'cut') at += length;
      frames.copyWithin(to, at, next);
      to += next - at;
      at = next;
    }
    if (!isLast) continue;
    if (to > from) yield { stream: kind === 2 ? 'stderr' : 'stdout', bytes: frames.subarray(from, to), time };
    from = to;
  }
}

const [zero, nine, dash, dot, colon, plus, letterT, letterZ] = [
  0x30, 0x39, 0x2d, 0x2e, 0x3a, 0x2b, 0x54, 0x5a,
];

/** How many bytes a time and the space behind it take: `2026-01-01T00:00:00.000000000Z `; 0 if there is none. */
function timeLength(bytes: Buffer, from: number): number {
  if (bytes[from + 4] !== dash || bytes[from + 7] !== dash || bytes[from + 10] !== letterT) return 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === space) return at - from > 'YYYY-MM-DDThh:mm:ss'.length ? at - from + 1 : 0;
    const isPart =
      (byte >= zero && byte <= nine) ||
      byte === dash ||
      byte === dot ||
      byte === colon ||
      byte === plus ||
      byte === letterT ||
      byte === letterZ;
    if (!isPart) return 0;
  }
  return 0;
}
