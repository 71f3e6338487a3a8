/** Bytes as SSH writes them, after their length. */
export function text(value: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(value as string);
  return concat(number(bytes.length), bytes);
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function concat(...parts: readonly (Buffer | undefined)[]): Buffer {
  return Buffer.concat(parts.filter((part) => part !== undefined));
}

/** Reads one after another what SSH wrote. Each throws when there is no more. */
export function readTexts(bytes: Buffer): { number(): number; take(): Buffer } {
  let at = 0;
  const piece = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('it is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const readNumber = (): number => piece(4).readUInt32BE();
  return { number: readNumber, take: () => piece(readNumber()) };
}
