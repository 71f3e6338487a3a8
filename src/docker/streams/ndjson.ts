import { StringDecoder } from 'node:string_decoder';

/**
 * The values of a stream with one JSON text a line. Throws on a line that is none, telling how it begins, and on a last
 * line that is incomplete.
 */
export async function* readJsonLines(source: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new StringDecoder('utf8');
  // The pieces of a long line are joined once it is complete, not again with each chunk.
  let pieces: string[] = [];
  for await (const chunk of source) {
    const lines = decoder.write(chunk).split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      const text = pieces.length === 0 ? line : pieces.join('') + line;
      pieces = [];
      if (text.trim() !== '') yield parse(text);
    }
    if (rest !== '') pieces.push(rest);
  }
  const text = pieces.join('') + decoder.end();
  if (text.trim() !== '') yield parse(text);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    const start = line.length > 200 ? `${line.slice(0, 200)}…` : line;
    throw new Error(`the engine sent a line that is no JSON: ${start}`);
  }
}
