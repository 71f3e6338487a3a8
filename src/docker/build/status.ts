import { decodeMessage, type Fields } from './grpc/protobuf.ts';

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

/** Reads a `StatusResponse`. Unknown fields are skipped; throws on truncated input. */
export function decodeStatus(message: Buffer): BuildStatus {
  const fields = decodeMessage(message);
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
