import { connect, type Socket } from 'node:net';
import { addAbortSignal, Readable } from 'node:stream';
import type { Address } from './address.ts';
import { type EngineAnswer, type EngineRequest, queryString } from './http.ts';
import { createDechunker } from './streams/dechunk.ts';

/** What a head of an answer may take, in bytes. */
const longestHead = 64 * 1024;

/** One that is not read from takes nothing in: what comes waits with the sender. */
const unread = { readableHighWaterMark: 1 };

/** Whether an answer can be had in this way: over a connection that is not encrypted, for a question without any more to it. */
export function isPlain(address: Address | undefined, request: EngineRequest): address is Address {
  return (
    address?.protocol === 'http' &&
    request.method === 'GET' &&
    request.body === undefined &&
    Object.keys(request.headers ?? {}).length === 0 &&
    /^[\x21-\x7e]+$/.test(request.path)
  );
}

/**
 * Asks on a connection of its own, with nothing of Node's HTTP, which takes longer to load than most questions to be answered, and
 * is slow where much is to come in chunks of a few bytes each: see `createDechunker`. Resolves and rejects as a request of Node's
 * own does, and so ends its body.
 */
export function askPlainly(
  address: Address,
  request: EngineRequest,
): Promise<EngineAnswer & { readonly body: Readable }> {
  const { path, query, signal } = request;
  const { socketPath, host = 'localhost', port } = address;
  const place = socketPath === undefined ? { host, port: port ?? 80 } : { path: socketPath };
  const socket = connect({ ...place, ...unread });
  addAbortSignal(signal, socket);
  const named = port === undefined ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const asked = queryString(query);
  socket.write(
    `GET ${path}${asked === '' ? '' : `?${asked}`} HTTP/1.1\r\nHost: ${named}\r\nConnection: close\r\n\r\n`,
  );
  return new Promise((resolve, reject) => {
    let came: Buffer = Buffer.alloc(0);
    const fail = (error: Error): void => {
      reject(error);
      socket.destroy();
    };
    const close = (): void => fail(lost('socket hang up'));
    const read = (bytes: Buffer): void => {
      came = withoutInformation(Buffer.concat([came, bytes]));
      const end = came.indexOf(headEnd);
      if (end < 0 && came.length <= longestHead) return;
      const head = end < 0 ? undefined : readHead(came.toString('latin1', 0, end));
      if (head === undefined) {
        fail(noHttp());
        return;
      }
      socket.off('data', read).off('error', fail).off('close', close).pause();
      resolve({ ...head, body: bodyOf(socket, head, came.subarray(end + headEnd.length)) });
    };
    socket.on('data', read).on('error', fail).on('close', close);
  });
}

const headEnd = '\r\n\r\n';

/** What comes before the answer itself, if anything does, is only for who waits to send more. */
function withoutInformation(came: Buffer): Buffer {
  const end = came.indexOf(headEnd);
  const isInformation = end >= 0 && /^HTTP\/1\.1 1\d\d/.test(came.toString('latin1', 0, 12));
  return isInformation ? withoutInformation(came.subarray(end + headEnd.length)) : came;
}

/** With these no body comes, whatever the head says of one. */
const bodiless: ReadonlySet<number> = new Set([204, 304]);

function readHead(text: string): Pick<EngineAnswer, 'status' | 'headers'> | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const [, status] = /^HTTP\/1\.[01] ([2-5]\d\d)(?: |$)/.exec(first) ?? [];
  if (status === undefined) return undefined;
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':');
    return [line.slice(0, Math.max(0, at)).toLowerCase(), line.slice(at + 1).trim()];
  });
  return { status: Number(status), headers: Object.fromEntries(headers) };
}

/** Ends with what was announced; fails if the connection ends before. */
function bodyOf(
  socket: Socket,
  { status, headers }: Pick<EngineAnswer, 'status' | 'headers'>,
  first: Buffer,
): Readable {
  const { 'transfer-encoding': coding, 'content-length': length } = headers;
  const isBodiless = bodiless.has(status);
  const chunks = coding === undefined || isBodiless ? undefined : createDechunker();
  const announced = chunks === undefined && length !== undefined ? Number(length) : Number.POSITIVE_INFINITY;
  let left = isBodiless ? 0 : announced;
  const isOver = (): boolean => chunks?.isOver === true || left === 0;
  let complete = false;
  const body = new Readable({
    read() {
      socket.resume();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  // Who reads it is told; it may fail before anyone does.
  body.on('error', () => {});
  const finish = (): void => {
    complete = true;
    body.push(null);
    socket.destroy();
  };
  const take = (bytes: Buffer): void => {
    if (complete) return;
    try {
      const data = chunks === undefined ? bytes.subarray(0, left) : chunks.push(bytes);
      left -= data.length;
      if (data.length > 0 && !body.push(data)) socket.pause();
    } catch (error) {
      body.destroy(error as Error);
      return;
    }
    if (isOver()) finish();
  };
  socket
    .on('data', take)
    .on('error', (error) => body.destroy(error))
    .on('end', () => {
      if (complete) return;
      if (chunks === undefined && length === undefined) finish();
      else body.destroy(lost('aborted'));
    })
    .on('close', () => {
      if (!complete) body.destroy(lost('aborted'));
    });
  if (isOver()) finish();
  else if (first.length > 0) take(first);
  return Object.defineProperties(body, {
    socket: { value: socket },
    complete: { get: () => complete },
  });
}

function lost(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

function noHttp(): Error {
  return Object.assign(new Error('Parse Error: Expected HTTP/'), { code: 'HPE_INVALID_CONSTANT' });
}
