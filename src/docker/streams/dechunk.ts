/** Takes the chunks of an HTTP/1.1 body apart (RFC 9112, 7.1); what it gives has been moved together in the bytes given. */
export interface Dechunker {
  /** Throws on bytes that are no chunks, with a code of Node's own parser. */
  push(bytes: Buffer): Buffer;
  /** The last chunk has come, and what belongs to it. */
  readonly isOver: boolean;
}

const [lineFeed, carriageReturn, semicolon] = [0x0a, 0x0d, 0x3b];
/** More would be no size that a number holds. */
const longestSize = 12;

/**
 * Node's own parser calls back for every chunk. The engine makes one of each line, and a million of such calls take longer than
 * all else that is done with the lines.
 */
export function createDechunker(): Dechunker {
  let part: 'size' | 'extension' | 'data' | 'after' | 'trailer' | 'over' = 'size';
  let left = 0;
  let digits = 0;
  /** Whether the line of the trailer that is being read has anything in it. */
  let isFilled = false;

  const endSize = (): void => {
    if (digits === 0) throw noChunk();
    part = left === 0 ? 'trailer' : 'data';
    digits = 0;
    isFilled = false;
  };

  return {
    push(bytes) {
      let to = 0;
      let at = 0;
      while (at < bytes.length && part !== 'over') {
        if (part === 'data') {
          const end = Math.min(at + left, bytes.length);
          bytes.copyWithin(to, at, end);
          to += end - at;
          left -= end - at;
          at = end;
          if (left === 0) part = 'after';
          continue;
        }
        const byte = bytes[at] ?? 0;
        at += 1;
        if (part === 'size') {
          const digit = digitOf(byte);
          if (digit >= 0) {
            digits += 1;
            if (digits > longestSize) throw noChunk();
            left = left * 16 + digit;
          } else if (byte === lineFeed) endSize();
          else if (byte === semicolon) part = 'extension';
          else if (byte !== carriageReturn) throw noChunk();
        } else if (part === 'extension') {
          if (byte === lineFeed) endSize();
        } else if (part === 'after') {
          if (byte === lineFeed) part = 'size';
          else if (byte !== carriageReturn) throw noChunk();
        } else if (byte !== lineFeed) {
          if (byte !== carriageReturn) isFilled = true;
        } else if (isFilled) isFilled = false;
        else part = 'over';
      }
      return bytes.subarray(0, to);
    },
    get isOver() {
      return part === 'over';
    },
  };
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function noChunk(): Error {
  return Object.assign(new Error('Parse Error: Invalid character in chunk size'), {
    code: 'HPE_INVALID_CHUNK_SIZE',
  });
}
