/** The value of a field of a protobuf message; a nested message is its bytes, a map is a list of entries. */
export type FieldValue = string | Uint8Array | number | boolean | undefined;

/**
 * Writes a protobuf message: numbers of fields and their values, in order; a repeated field is there several times. As in
 * version 3 of the language, what has the zero value of its type is left out, but for empty nested messages. Numbers are
 * natural ones up to 2^63.
 */
export function encodeMessage(fields: readonly (readonly [number, FieldValue])[]): Buffer {
  let size = 0;
  for (const [, value] of fields) size += mostBytes(value);
  const message = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [field, value] of fields) {
    if (isZero(value)) continue;
    if (typeof value === 'string' || value instanceof Uint8Array) {
      at = writeNumber(message, field * 8 + wire.bytes, at);
      at = writeNumber(message, typeof value === 'string' ? Buffer.byteLength(value) : value.length, at);
      if (typeof value === 'string') at += message.write(value, at);
      else {
        message.set(value, at);
        at += value.length;
      }
    } else {
      at = writeNumber(message, field * 8 + wire.varint, at);
      at = writeNumber(message, Number(value), at);
    }
  }
  return message.subarray(0, at);
}

function isZero(value: FieldValue): boolean {
  return value === undefined || value === '' || value === 0 || value === false;
}

/** That a value and what precedes it can need. */
function mostBytes(value: FieldValue): number {
  if (isZero(value)) return 0;
  const own = typeof value === 'string' ? value.length * 3 : value instanceof Uint8Array ? value.length : 0;
  return own + 2 * longestNumber;
}

const longestNumber = 10;

/** A map of texts as repeated entries of one field. */
export function mapField(
  field: number,
  map: Readonly<Record<string, string>>,
): readonly (readonly [number, FieldValue])[] {
  return Object.entries(map).map(([key, value]) => [
    field,
    encodeMessage([
      [1, key],
      [2, value],
    ]),
  ]);
}

/** The fields of one message by number; what is absent has the type's zero value. */
export interface Fields {
  /** Exact up to 2^53. */
  number(field: number): number;
  bytes(field: number): Buffer;
  text(field: number): string;
  texts(field: number): string[];
  messages(field: number): Fields[];
  /** A map of texts to bytes. */
  map(field: number): ReadonlyMap<string, Buffer>;
}

/** Reads a protobuf message. Throws on one that is cut off or has a field of an unknown type. */
export function decodeMessage(message: Buffer): Fields {
  const numbers = new Map<number, number>();
  const parts = new Map<number, Buffer[]>();
  let at = 0;

  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined || factor > 2 ** 63) throw new Error('a message of the builder is cut off');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new Error('a message of the builder is cut off');
    at += length;
    return message.subarray(at - length, at);
  };

  while (at < message.length) {
    const tag = number();
    const field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === wire.varint) numbers.set(field, number());
    else if (type === wire.bytes) append(parts, field, take(number()));
    else if (type === wire.fixed64) take(8);
    else if (type === wire.fixed32) take(4);
    else throw new Error(`a message of the builder has a field of the unknown type ${type}`);
  }

  const all = (field: number): readonly Buffer[] => parts.get(field) ?? [];
  const bytes = (field: number): Buffer => all(field).at(-1) ?? Buffer.alloc(0);
  const messages = (field: number): Fields[] => all(field).map(decodeMessage);
  return {
    number: (field) => numbers.get(field) ?? 0,
    bytes,
    text: (field) => bytes(field).toString('utf8'),
    texts: (field) => all(field).map((part) => part.toString('utf8')),
    messages,
    map: (field) => new Map(messages(field).map((entry) => [entry.text(1), entry.bytes(2)])),
  };
}

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Gives where the next one goes. Powers of two divide larger numbers than can be counted one by one without a rest, too. */
function writeNumber(into: Buffer, value: number, from: number): number {
  let at = from;
  let rest = value;
  while (rest > 127) {
    into[at++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  into[at++] = rest;
  return at;
}

function append(parts: Map<number, Buffer[]>, field: number, part: Buffer): void {
  const before = parts.get(field);
  if (before === undefined) parts.set(field, [part]);
  else before.push(part);
}
