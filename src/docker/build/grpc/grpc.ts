import type { Http2Session, Http2Stream } from 'node:http2';
import { drained } from '../../streams/feed.ts';

/** What a call ended with instead of success. */
export class GrpcFailure extends Error {
  readonly code: number;

  constructor(code: number, said: string) {
    super(said);
    this.name = 'GrpcFailure';
    this.code = code;
  }
}

/** The codes that are given or looked at here. */
export const grpcCode = {
  unknown: 2,
  notFound: 5,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/**
 * Ends a session, which may be as young as this tick: on the next one Node hands it what its connection had received before,
 * and throws if there is no session any more.
 */
export function endSession(session: Http2Session): void {
  setImmediate(() => session.destroy());
}

/** The messages of a stream, each of which is preceded by a zero and its length in four bytes. */
export async function* readMessages(stream: Http2Stream): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  // Whoever has read enough may still want to write.
  for await (const piece of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    for (let size = sizeOf(held); size !== undefined && held.length >= 5 + size; size = sizeOf(held)) {
      yield held.subarray(5, 5 + size);
      held = held.subarray(5 + size);
    }
  }
}

/** Writes messages in one go; resolves once more can be written, also when no one reads any more. */
export async function writeMessages(stream: Http2Stream, messages: readonly Uint8Array[]): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return;
  const parts = messages.flatMap((message) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return [head, message];
  });
  if (!stream.write(Buffer.concat(parts))) await drained(stream);
}

function sizeOf(held: Buffer): number | undefined {
  return held.length < 5 ? undefined : held.readUInt32BE(1);
}
