import { type Http2Stream, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { endSession, GrpcFailure, grpcCode, readMessages, writeMessages } from './grpc.ts';

/** A call that the other side made. */
export interface IncomingCall {
  /** All values under a name in lower case. */
  metadata(name: string): readonly string[];
  readonly messages: AsyncGenerator<Buffer>;
  /** Several in one go; resolves once more can be sent, also when no one takes any more. */
  send(...messages: readonly Uint8Array[]): Promise<void>;
}

/** What is done about a call of a method; it succeeds when this resolves, and fails with what this throws. */
export type Method = (call: IncomingCall) => Promise<void>;

/** Methods by their path: `/package.Service/Method`. */
export type Methods = Readonly<Record<string, Method>>;

/** A method that takes one message and gives one. */
export function once(answer: (message: Buffer, call: IncomingCall) => Promise<Uint8Array>): Method {
  return async (call) => {
    const { value } = await call.messages.next();
    await call.send(await answer((value as Buffer | undefined) ?? Buffer.alloc(0), call));
  };
}

/** Answers the calls of gRPC that come over a connection, which it owns from then on. The result ends it. */
export function serveGrpc(connection: Duplex, methods: Methods): () => void {
  const session = performServerHandshake(connection);
  session.on('error', () => {});
  session.on('stream', (stream, headers, _flags, raw) => {
    stream.on('error', () => {});
    void answer(stream, methods[String(headers[':path'])], raw as unknown as readonly string[]);
  });
  return () => endSession(session);
}

async function answer(
  stream: ServerHttp2Stream,
  method: Method | undefined,
  raw: readonly string[],
): Promise<void> {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  let outcome = new GrpcFailure(0, '');
  stream.on('wantTrailers', () =>
    stream.sendTrailers({
      'grpc-status': String(outcome.code),
      ...(outcome.message !== '' && { 'grpc-message': encodeURIComponent(outcome.message) }),
    }),
  );
  try {
    if (method === undefined) throw new GrpcFailure(grpcCode.unimplemented, 'not known here');
    await method({
      metadata: (name) => raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === name),
      messages: readMessages(stream as Http2Stream),
      send: (...messages) => writeMessages(stream, messages),
    });
  } catch (error) {
    outcome =
      error instanceof GrpcFailure
        ? error
        : new GrpcFailure(grpcCode.unknown, error instanceof Error ? error.message : String(error));
  }
  if (!stream.destroyed) stream.end();
}
