import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut into pieces of this many characters, so that a program without line breaks costs no memory. */
const maximumLength = 64 * 1024;

/** Cuts a stream of bytes into lines. Characters and lines may be spread over any number of chunks. */
export interface LineSplitter {
  /** The lines that are complete now, without their line ends. */
  push(chunk: Buffer): string[];
  /** All that came was whole lines. */
  readonly isEmpty: boolean;
  /** The rest, if the stream did not end with a line end. */
  end(): string[];
}

const lineFeed = 0x0a;

export function createLineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isEmpty = true;

  const take = (text: string): string[] => {
    if (!text.includes('\n')) {
      rest += text;
      return rest.length > maximumLength ? cutRest() : [];
    }
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    const told = lines.some((line) => line.length > maximumLength) ? lines.flatMap(cut) : lines;
    return [...told.map(withoutCarriageReturn), ...(rest.length > maximumLength ? cutRest() : [])];
  };

  const cutRest = (): string[] => {
    const pieces = cut(rest);
    rest = pieces.pop() ?? '';
    return pieces;
  };

  return {
    push(chunk) {
      // Nor is a part of a character left behind a line end.
      if (chunk.length > 0) isEmpty = chunk.at(-1) === lineFeed;
      return take(decoder.write(chunk));
    },
    get isEmpty() {
      return isEmpty;
    },
    end() {
      const lines = take(decoder.end());
      if (rest !== '') lines.push(withoutCarriageReturn(rest));
      rest = '';
      return lines;
    },
  };
}

function withoutCarriageReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Never between the halves of a character that takes two units. */
function cut(line: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  while (line.length - from > maximumLength) {
    let to = from + maximumLength;
    if (/[\uD800-\uDBFF]/.test(line.charAt(to - 1))) to -= 1;
    pieces.push(line.slice(from, to));
    from = to;
  }
  pieces.push(line.slice(from));
  return pieces;
}
