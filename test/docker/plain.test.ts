import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openStream } from '../../src/docker/api.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { askPlainly } from '../../src/docker/plain.ts';

const { signal } = new AbortController();
const servers: (Server & { closeAllConnections?(): void })[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

it('is whole in whatever way its length is told, over a port and over a socket', async () => {
  const port = await speaking((request, response) => {
    if (request.url === '/length?a=b%26c') response.setHeader('Content-Length', 11);
    if (request.url === '/close?a=b%26c') response.useChunkedEncodingByDefault = false;
    response.write('hello ');
    response.end('world');
  });
  for (const path of ['/chunks', '/length', '/close']) expect(await textOf(port, path)).toBe('hello world');
  const socket = join(tmpdir(), `plain-${process.pid}.sock`);
  await rm(socket, { force: true });
  await speaking((request, response) => response.end(request.headers.host), socket);
  expect(await textOf(`unix://${socket}`, '/socket')).toBe('localhost');
});

it('may be empty', async () => {
  const url = await speaking((request, response) => {
    if (request.url?.startsWith('/length')) response.setHeader('Content-Length', 0);
    response.flushHeaders();
    response.end();
  });
  expect(await textOf(url, '/chunks')).toBe('');
  expect(await textOf(url, '/length')).toBe('');
});

it('can be that the engine refuses', async () => {
  const url = await speaking((_, response) => {
    response.statusCode = 404;
    response.end('{"message":"no such container"}');
  });
  await expect(textOf(url, '/logs')).rejects.toMatchObject({ status: 404, said: 'no such container' });
});

it.each([
  ['before its head is whole', 'HTTP/1.1 200 OK\r\nContent-Le', 'ECONNRESET'],
  ['before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello', 'ECONNRESET'],
  ['within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello', 'ECONNRESET'],
  [
    'before the last chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'ECONNRESET',
  ],
  ['as no HTTP', '220 mail.example.com ESMTP\r\n\r\n', 'HPE_INVALID_CONSTANT'],
  ['as no chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello', 'HPE_INVALID_CHUNK_SIZE'],
])('is a failure if it ends %s', async (_, said, code) => {
  const url = await saying((socket) => socket.end(said));
  await expect(textOf(url, '/logs')).rejects.toMatchObject({ code });
});

it('ends with the signal, before and after it has begun', async () => {
  const begun = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
  for (const said of ['', begun]) {
    const ending = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    const url = await saying((socket) => {
      closed = once(socket, 'close');
      socket.write(said);
      if (said === '') ending.abort();
    });
    const reading = async (): Promise<void> => {
      for await (const _ of await open(url, '/logs', ending.signal)) ending.abort();
    };
    await expect(reading()).rejects.toMatchObject({ name: 'AbortError' });
    await closed;
  }
});

it('begins with what it is about: not with what is told before it, nor with a body that does not come', async () => {
  const told = 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
  expect(await textOf(await saying((socket) => void socket.write(told)), '/logs')).toBe('hello');
  for (const head of ['204 No Content', '304 Not Modified\r\nContent-Length: 10']) {
    const answer = plainly(await saying((socket) => void socket.write(`HTTP/1.1 ${head}\r\n\r\n`)));
    expect(await (await answer).body.toArray()).toEqual([]);
  }
});

it('is given up before it is asked for in the way in which it is given up later', async () => {
  const url = await saying((socket) => socket.end());
  await expect(plainly(url, AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORT_ERR' });
});

it('waits with the engine while nobody reads it', async () => {
  const most = 64 * 1024 * 1024;
  let sent = 0;
  let full = (): void => {};
  const filled = new Promise<void>((resolve) => {
    full = resolve;
  });
  const url = await speaking((_, response) => {
    const line = Buffer.alloc(64 * 1024, 'x');
    const send = (): void => {
      while (sent < most) {
        sent += line.length;
        if (!response.write(line)) {
          full();
          response.once('drain', send);
          return;
        }
      }
      response.end();
    };
    send();
  });
  const source = await open(url, '/logs', signal);
  await filled;
  expect(sent).toBeLessThan(most);
  let read = 0;
  for await (const piece of source) read += piece.length;
  expect(read).toBe(most);
});

function open(url: string, path: string, until: AbortSignal) {
  const engine = connectEngine({ url, from: 'test' });
  return openStream(engine, 'GET', path, { long: true, query: { a: 'b&c' }, signal: until });
}

function plainly(url: string, until = signal) {
  const port = Number(new URL(url).port);
  return askPlainly(
    { protocol: 'http', host: '127.0.0.1', port },
    { method: 'GET', path: '/info', signal: until },
  );
}

async function textOf(url: string, path: string): Promise<string> {
  let text = '';
  for await (const piece of await open(url, path, signal)) text += piece;
  return text;
}

function speaking(answer: http.RequestListener, place: number | string = 0): Promise<string> {
  return listening(http.createServer(answer), place);
}

/** Says something to whoever has asked. */
function saying(say: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => say(socket)));
  return listening(server, 0);
}

async function listening(server: Server, place: number | string): Promise<string> {
  servers.push(server);
  server.listen(typeof place === 'number' ? { port: place, host: '127.0.0.1' } : { path: place });
  await once(server, 'listening');
  return typeof place === 'string'
    ? `unix://${place}`
    : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
