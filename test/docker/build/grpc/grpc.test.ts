import { once as event } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { callOnce, connectGrpc, type GrpcClient } from '../../../../src/docker/build/grpc/client.ts';
import { GrpcFailure, grpcCode } from '../../../../src/docker/build/grpc/grpc.ts';
import { type Methods, once, serveGrpc } from '../../../../src/docker/build/grpc/server.ts';

/** Two ends of one connection in memory. */
function connection(): readonly [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const make = (other: number) =>
    new Duplex({
      read() {},
      write(chunk, _, done) {
        ends[other]?.push(chunk);
        done();
      },
      final(done) {
        ends[other]?.push(null);
        done();
      },
    });
  ends.push(make(1), make(0));
  return [ends[0] as Duplex, ends[1] as Duplex];
}

async function talk(
  methods: Methods,
  work: (client: GrpcClient, cut: () => void) => Promise<void>,
): Promise<void> {
  const [here, there] = connection();
  const close = serveGrpc(there, methods);
  const client = connectGrpc(here);
  try {
    await work(client, close);
  } finally {
    client.close();
    close();
  }
}

const { signal } = new AbortController();

test('a message goes there and another one comes back, whatever its size', async () => {
  const large = Buffer.alloc(300_000, 'x');
  const methods = { '/echo': once(async (message) => Buffer.concat([message, message])) };
  await talk(methods, async (client) => {
    expect(await callOnce(client, '/echo', Buffer.from('ab'), { signal })).toEqual(Buffer.from('abab'));
    expect(await callOnce(client, '/echo', Buffer.alloc(0), { signal })).toHaveLength(0);
    expect(await callOnce(client, '/echo', large, { signal })).toHaveLength(600_000);
  });
});

test('all values of metadata arrive', async () => {
  const methods = { '/meta': once(async (_, call) => Buffer.from(call.metadata('name').join('|'))) };
  await talk(methods, async (client) => {
    const metadata = { name: 'one value' };
    expect(String(await callOnce(client, '/meta', Buffer.alloc(0), { signal, metadata }))).toBe('one value');
  });
});

test('a failure arrives with its code and its words, of any letters', async () => {
  const methods = {
    '/fails': once(async () => {
      throw new GrpcFailure(grpcCode.notFound, 'größer: 100% weg');
    }),
    '/breaks': once(async () => {
      throw new Error('broken');
    }),
  };
  await talk(methods, async (client) => {
    const failing = (method: string) => callOnce(client, method, Buffer.alloc(0), { signal });
    await expect(failing('/fails')).rejects.toMatchObject({ code: 5, message: 'größer: 100% weg' });
    await expect(failing('/breaks')).rejects.toMatchObject({ code: 2, message: 'broken' });
    await expect(failing('/nosuch')).rejects.toMatchObject({ code: 12 });
  });
});

test('messages come one by one, and an aborted call ends with its reason on both sides', async () => {
  const controller = new AbortController();
  let ended: () => void;
  const gone = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const methods: Methods = {
    '/endless': async (call) => {
      await call.send(Buffer.from('first'));
      await call.messages.next();
      await call.messages.next().catch(() => {});
      await gone;
    },
  };
  await talk(methods, async (client) => {
    const answers = client.call('/endless', Buffer.from('x'), { signal: controller.signal });
    expect(String((await answers.next()).value)).toBe('first');
    controller.abort(new Error('enough'));
    await expect(answers.next()).rejects.toThrow('enough');
    ended();
  });
});

test('a connection that is lost is told as such', async () => {
  const methods: Methods = { '/never': () => new Promise(() => {}) };
  await talk(methods, async (client, cut) => {
    const waiting = callOnce(client, '/never', Buffer.alloc(0), { signal });
    setImmediate(cut);
    await expect(waiting).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

test('a session may end on the tick it began, with what the other side sent first still unread', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await event(server, 'listening');
  const connection = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await event(connection, 'readable');
  expect(connection.readableLength).toBeGreaterThan(0);
  serveGrpc(connection, {})();
  await event(connection, 'close');
  server.close();
});
