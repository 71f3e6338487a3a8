import { createLineSplitter, type LineSplitter } from './lines.ts';

/** What a container wrote, in whole lines. */
export interface LogBatch {
  readonly stream: 'stdout' | 'stderr';
  readonly lines: string[];
}

/** Where a part of a frame's contents belongs. */
export interface Piece {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

const headerLength = 8;

/** Takes a chunk of what the engine sends apart; given `undefined` it checks that the end is one. */
export type Split = (chunk: Buffer | undefined) => Piece[];

/** With `tty` the engine sends the bytes as they are; otherwise in frames that tell which stream they belong to. */
export function createSplit(tty: boolean): Split {
  return tty ? wholeChunks : createFrameReader();
}

/**
 * The lines of a container's output as they arrive, at most one batch per stream and chunk while a stream goes on.
 * Throws on bytes that are no frame, and when the source ends inside of one.
 */
export async function* readLogLines(source: AsyncIterable<Buffer>, tty: boolean): AsyncGenerator<LogBatch> {
  const stdout = createLineSplitter();
  const stderr = createLineSplitter();
  const split = createSplit(tty);
  for await (const chunk of source) yield* linesOf(split(chunk), stdout, stderr);
  yield* lastLinesOf(split, stdout, stderr);
}

/** What has no line end, once nothing more comes. */
export function* lastLinesOf(split: Split, stdout: LineSplitter, stderr: LineSplitter): Generator<LogBatch> {
  yield* linesOf(split(undefined), stdout, stderr);
  for (const [stream, splitter] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    const lines = splitter.end();
    if (lines.length > 0) yield { stream, lines };
  }
}

/** Neighbouring pieces of one stream become one batch; the order between the streams stays as it was sent. */
export function* linesOf(
  pieces: readonly Piece[],
  stdout: LineSplitter,
  stderr: LineSplitter,
): Generator<LogBatch> {
  let batch: LogBatch | undefined;
  for (const { stream, bytes } of pieces) {
    const lines = (stream === 'stdout' ? stdout : stderr).push(bytes);
    if (lines.length === 0) continue;
    if (batch?.stream === stream) {
      for (const line of lines) batch.lines.push(line);
      continue;
    }
    if (batch !== undefined) yield batch;
    batch = { stream, lines };
  }
  if (batch !== undefined) yield batch;
}

function wholeChunks(chunk: Buffer | undefined): Piece[] {
  return chunk === undefined ? [] : [{ stream: 'stdout', bytes: chunk }];
}

/**
 * Takes frames apart: a byte for the stream, three zeros, the length in four bytes, then the contents. The pieces are
 * views into the chunks; only a header that is spread over chunks is copied. Given `undefined` it checks the end.
 */
function createFrameReader(): Split {
  const header = Buffer.alloc(headerLength);
  let headerFilled = 0;
  let stream: Piece['stream'] = 'stdout';
  let left = 0;

  return (chunk) => {
    if (chunk === undefined) {
      if (headerFilled > 0 || left > 0)
        // Nobody but whoever lost the engine sees that.
        throw Object.assign(new Error('the output of the container ended in the middle of a frame'), {
          code: 'ECONNRESET',
        });
      return [];
    }
    const pieces: Piece[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const taken = chunk.copy(header, headerFilled, at, at + headerLength - headerFilled);
        headerFilled += taken;
        at += taken;
        if (headerFilled < headerLength) break;
        headerFilled = 0;
        stream = streamOf(header);
        left = header.readUInt32BE(4);
      } else {
        const bytes = chunk.subarray(at, at + left);
        pieces.push({ stream, bytes });
        left -= bytes.length;
        at += bytes.length;
      }
    }
    return pieces;
  };
}

/** Stream 3 carries the engine's own errors; they belong where errors are looked for. */
function streamOf(header: Buffer): Piece['stream'] {
  const kind = header[0] ?? 0;
  if (kind > 3 || header[1] !== 0 || header[2] !== 0 || header[3] !== 0) {
    throw new Error(`the output of the container has no frames (got ${header.toString('hex')})`);
  }
  return kind >= 2 ? 'stderr' : 'stdout';
}
