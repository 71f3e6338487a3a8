import { type AddressInfo, createServer, type Server } from 'node:net';
import os from 'node:os';
import { afterEach, expect, test } from 'vitest';
import type { EngineHttp } from '../../src/docker/http.ts';
import { probeHttp, probeTcp } from '../../src/docker/port-probe.ts';

const { signal } = new AbortController();

let server: Server | undefined;
afterEach(() => server?.close());

/** An engine of whose containers neither the addresses can be reached nor anything be run inside. */
const engine: EngineHttp = {
  host: '127.0.0.1',
  request: () => Promise.resolve({ status: 409, headers: {}, body: createBody('{"message":"no"}') }),
};

function createBody(text: string): NodeJS.ReadableStream {
  return (async function* () {
    yield Buffer.from(text);
  })() as unknown as NodeJS.ReadableStream;
}

type Container = Parameters<typeof probeTcp>[1];

function publishing(HostPort: number): Container {
  const published = { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: String(HostPort) }] };
  const NetworkSettings = { Networks: {}, Ports: HostPort === 0 ? {} : published };
  return { Id: 'web', HostConfig: {}, NetworkSettings } as unknown as Container;
}

async function listening(host: string, accept?: Parameters<typeof createServer>[1]): Promise<number> {
  const listener = createServer(accept);
  server = listener;
  await new Promise<void>((resolve) => listener.listen(0, host, resolve));
  return (listener.address() as AddressInfo).port;
}

async function listenTo(accept: Parameters<typeof createServer>[1]): Promise<number> {
  return listening('127.0.0.1', accept);
}

test('a published port behind which nobody listens closes connections; one that stays open is listened to', async () => {
  const closing = await listenTo((socket) => socket.end());
  expect(await probeTcp(engine, publishing(closing), 80, signal)).toMatchObject({ exitCode: 1 });
  server?.close();
  const open = await listenTo(() => {});
  expect(await probeTcp(engine, publishing(open), 80, signal)).toMatchObject({ exitCode: 0 });
});

test('what a published port answers is the answer', async () => {
  const port = await listenTo((socket) => socket.end('HTTP/1.1 503 Not Yet\r\n\r\n'));
  const ask = (status?: number) =>
    probeHttp(engine, publishing(port), { port: 80, path: '/health', ...(status && { status }) }, signal);
  expect(await ask()).toEqual({ exitCode: 1, output: '/health answered 503' });
  expect(await ask(503)).toMatchObject({ exitCode: 0 });
});

const [here] = Object.values(os.networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ family, internal }) => family === 'IPv4' && !internal);

test.skipIf(here === undefined)(
  'an address is that of a container only with an engine of this machine',
  async () => {
    const port = await listening('0.0.0.0');
    const Networks = { default: { IPAddress: here?.address, IPPrefixLen: 24 } };
    const container = {
      Id: 'web',
      HostConfig: {},
      NetworkSettings: { Networks, Ports: {} },
    } as unknown as Container;
    expect(await probeTcp(engine, container, port, signal)).toMatchObject({ exitCode: 0 });
    expect(await probeTcp({ ...engine, host: '10.9.8.7' }, container, port, signal)).toBeUndefined();
  },
);

test('without any way it is not known', async () => {
  expect(await probeTcp(engine, publishing(0), 80, signal)).toBeUndefined();
  expect(await probeHttp(engine, publishing(0), { port: 80, path: '/' }, signal)).toBeUndefined();
});
