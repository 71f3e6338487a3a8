/**
 * What BuildKit tells of a build: the parts of its `StatusResponse` message that we show. Times are in milliseconds
 * since 1970.
 */
export interface BuildStatus {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  readonly warnings: readonly VertexWarning[];
}

/** A step; told again whenever something about it has changed. */
export interface Vertex {
  readonly digest: string;
  readonly inputs: readonly string[];
  readonly name: string;
  readonly cached: boolean;
  readonly started?: number;
  readonly completed?: number;
  readonly error: string;
}

/** A part of a step, e.g. one layer that is downloaded. */
export interface VertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly name: string;
  readonly current: number;
  readonly total: number;
  readonly started?: number;
  readonly completed?: number;
}

export interface VertexLog {
  readonly vertex: string;
  readonly timestamp?: number;
  readonly stream: number;
  readonly message: Buffer;
}

export interface VertexWarning {
  readonly vertex: string;
  readonly short: string;
}

/** Reads the contents of a `moby.buildkit.trace` message. Unknown fields are skipped; throws on truncated input. */
export function decodeTrace(aux: string): BuildStatus {
  const fields = readFields(Buffer.from(aux, 'base64'));
  return {
    vertexes: fields.messages(1).map(vertex),
    statuses: fields.messages(2).map(vertexStatus),
    logs: fields.messages(3).map(vertexLog),
    warnings: fields.messages(4).map((warning) => ({ vertex: warning.text(1), short: warning.text(3) })),
  };
}

function vertex(fields: Fields): Vertex {
  return {
    digest: fields.text(1),
    inputs: fields.texts(2),
    name: fields.text(3),
    cached: fields.number(4) !== 0,
    ...time('started', fields, 5),
    ...time('completed', fields, 6),
    error: fields.text(7),
  };
}

function vertexStatus(fields: Fields): VertexStatus {
  return {
    id: fields.text(1),
    vertex: fields.text(2),
    name: fields.text(3),
    current: fields.number(4),
    total: fields.number(5),
    ...time('started', fields, 7),
    ...time('completed', fields, 8),
  };
}

function vertexLog(fields: Fields): VertexLog {
  return {
    vertex: fields.text(1),
    ...time('timestamp', fields, 2),
    stream: fields.number(3),
    message: fields.bytes(4),
  };
}

function time<K extends string>(key: K, fields: Fields, number: number): { [P in K]?: number } {
  const at = fields.messages(number)[0];
  if (at === undefined) return {};
  return { [key]: at.number(1) * 1000 + at.number(2) / 1e6 } as { [P in K]?: number };
}

/** The fields of one protobuf message by number; what is absent has the type's zero value. */
interface Fields {
  number(field: number): number;
  bytes(field: number): Buffer;
  text(field: number): string;
  texts(field: number): string[];
  messages(field: number): Fields[];
}

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

function readFields(message: Buffer): Fields {
  const numbers = new Map<number, number>();
  const parts = new Map<number, Buffer[]>();
  let at = 0;

  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined || factor > 2 ** 63) throw new Error('a build status of the engine is cut off');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new Error('a build status of the engine is cut off');
    at += length;
    return message.subarray(at - length, at);
  };

  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === wire.varint) numbers.set(field, varint());
    else if (type === wire.bytes) append(parts, field, take(varint()));
    else if (type === wire.fixed64) take(8);
    else if (type === wire.fixed32) take(4);
    else throw new Error(`a build status of the engine has a field of the unknown type ${type}`);
  }

  const bytes = (field: number): Buffer => parts.get(field)?.at(-1) ?? Buffer.alloc(0);
  return {
    number: (field) => numbers.get(field) ?? 0,
    bytes,
    text: (field) => bytes(field).toString('utf8'),
    texts: (field) => (parts.get(field) ?? []).map((part) => part.toString('utf8')),
    messages: (field) => (parts.get(field) ?? []).map(readFields),
  };
}

function append(parts: Map<number, Buffer[]>, field: number, part: Buffer): void {
  const before = parts.get(field);
  if (before === undefined) parts.set(field, [part]);
  else before.push(part);
}
