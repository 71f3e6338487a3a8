/** What a container without a terminal wrote, as the engine sends it; `stream` 1: stdout, 2: stderr. */
export function frame(stream: number, text: string): Buffer {
  const contents = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(contents.length, 4);
  return Buffer.concat([header, contents]);
}
