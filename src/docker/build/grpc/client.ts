import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { endSession, GrpcFailure, readMessages, writeMessages } from './grpc.ts';

/** Calls of gRPC over one connection. */
export interface GrpcClient {
  /**
   * Sends one message and gives all that come back. Throws `GrpcFailure` at the end of a call that failed, `ECONNRESET`
   * if the connection is lost, and the reason of the signal, which ends the call on the other side, too.
   */
  call(method: string, message: Uint8Array, options: CallOptions): AsyncGenerator<Buffer>;
  close(): void;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Speaks gRPC as a client over a connection, which it owns from then on. */
export function connectGrpc(connection: Duplex): GrpcClient {
  const session = connect('http://engine', { createConnection: () => connection });
  // Every call that is under way hears of it, too.
  session.on('error', () => {});
  return {
    call: (method, message, options) => call(session, method, message, options),
    close: () => endSession(session),
  };
}

/** The answer to a call whose answer is one message. */
export async function callOnce(
  client: GrpcClient,
  method: string,
  message: Uint8Array,
  options: CallOptions,
): Promise<Buffer> {
  let answer = Buffer.alloc(0);
  for await (const part of client.call(method, message, options)) answer = part as Buffer<ArrayBuffer>;
  return answer;
}

async function* call(
  session: ClientHttp2Session,
  method: string,
  message: Uint8Array,
  { signal, metadata }: CallOptions,
): AsyncGenerator<Buffer> {
  signal.throwIfAborted();
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...metadata,
    },
    { signal },
  );
  const outcome = outcomeOf(stream);
  // Whoever reads to the end hears of it.
  outcome.catch(() => {});
  try {
    await writeMessages(stream, [message]);
    stream.end();
    yield* readMessages(stream);
    await outcome;
  } catch (error) {
    signal.throwIfAborted();
    // A stream that breaks off may have said why before.
    await outcome;
    throw error;
  } finally {
    stream.close();
  }
}

/** Resolves at the end of a call that succeeded. */
function outcomeOf(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = (headers: Readonly<Record<string, unknown>>): void => {
      const status = headers['grpc-status'];
      if (status === undefined) return;
      if (status === '0') resolve();
      else reject(new GrpcFailure(Number(status), decoded(String(headers['grpc-message'] ?? ''))));
    };
    // A call that fails at once has its outcome in its only headers.
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('error', (error) => reject(lost(error)));
    stream.on('close', () => reject(lost()));
  });
}

/** As with any other connection that ends too early. */
function lost(cause?: Error): Error {
  return Object.assign(new Error('the connection to the builder was lost', { cause }), {
    code: 'ECONNRESET',
  });
}

/** Messages of failures are written like parts of a URL. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
