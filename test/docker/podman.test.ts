import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach } from '../../src/docker/attach.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { containerChanged, containerState } from '../../src/docker/containers.ts';
import { exec } from '../../src/docker/exec.ts';
import type { UserStreams } from '../../src/model/streams.ts';

/** What Podman's Docker API says in other words than Docker. */

test.each([
  ['configured', 'created'],
  ['initialized', 'created'],
  ['running', 'running'],
  ['stopping', 'running'],
  ['stopped', 'exited'],
  ['exited', 'exited'],
])('a container that is %s is %s', (told, state) => {
  expect(containerState(told)).toBe(state);
});

test('a container without a healthcheck has no health', () => {
  const info = (Status: string) =>
    ({
      Id: 'a1',
      Name: 'p-web-1',
      Config: { Labels: { 'com.docker.compose.service': 'web', 'com.docker.compose.container-number': '1' } },
      State: { Status: 'stopped', Running: false, ExitCode: 137, Health: { Status } },
      NetworkSettings: { Ports: {} },
    }) as unknown as Parameters<typeof containerChanged>[0];
  expect(containerChanged(info(''))).toEqual({
    type: 'container-changed',
    service: 'web',
    number: 1,
    id: 'a1',
    name: 'p-web-1',
    state: 'exited',
    exitCode: 137,
    ports: [],
  });
  expect(containerChanged(info('starting'))).toMatchObject({ health: 'starting' });
});

test('a container that is removed when it ends has the exit code that it ended with', async () => {
  const server = http.createServer((request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? '', 'http://podman');
    if (pathname.endsWith('/wait'))
      response.end(`{"StatusCode":${searchParams.get('condition') === 'removed' ? 0 : 5}}`);
    else response.end('{"Config":{"Tty":false,"OpenStdin":false}}');
  });
  server.on('upgrade', (_request, connection) => connection.end(upgraded));
  const request = {
    container: 'c1',
    input: false,
    removed: true,
    starting: { tty: false, start: async () => {} },
  };
  const ended = await attach(await engineOf(server), request, streamsTo([]), signal);
  expect(ended).toEqual({ how: 'exited', exitCode: 5 });
});

test('a container that is gone before its end can be waited for leaves no connection behind', async () => {
  const server = http.createServer((request, response) => {
    if (!request.url?.includes('/wait')) response.end('{"Config":{"Tty":false,"OpenStdin":false}}');
    else if (request.url.includes('removed')) response.writeHead(404).end('{"message":"gone"}');
    // The answer that tells the end has none.
    else response.end();
  });
  const closed = new Promise<void>((resolve) => {
    server.on('upgrade', (_request, connection: Socket) => {
      // It may be gone before anything can be said on it.
      connection
        .on('error', () => {})
        .on('close', resolve)
        .on('end', () => connection.end())
        .resume();
      connection.write(upgraded);
    });
  });
  const request = {
    container: 'c1',
    input: false,
    removed: true,
    starting: { tty: false, start: async () => {} },
  };
  await expect(attach(await engineOf(server), request, streamsTo([]), signal)).rejects.toThrow('gone');
  await closed;
});

const refusal = 'Error: runc: exec failed: no such file';
test.each([
  ['ended', 0, 'hello', {}],
  ['failed', 127, 'sh: nope: not found', {}],
  ['was not started', 127, refusal, { refused: refusal }],
])('a process that %s is told as that, though its id is not told', async (_, ExitCode, text, more) => {
  const server = http.createServer((request, response) => {
    if (request.method === 'POST') response.end('{"Id":"e1"}');
    else response.end(JSON.stringify({ Running: false, ExitCode, Pid: 0 }));
  });
  server.on('upgrade', (_request, connection) => {
    connection.write(upgraded);
    connection.end(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]));
  });
  const told: string[] = [];
  const request = {
    container: 'c1',
    command: ['sh'],
    environment: [],
    tty: false,
    input: false,
    privileged: false,
  };
  const ended = await exec(await engineOf(server), request, streamsTo(told), signal);
  expect(ended).toEqual({ how: 'exited', exitCode: ExitCode, ...more });
  expect(told.join('')).toBe(text);
});

const { signal } = new AbortController();
const upgraded = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

/** The engine that a server is. */
async function engineOf(server: http.Server) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const socket = path.join(folder, 'podman.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return connectEngine({ url: `unix://${socket}`, from: 'test' });
}

function streamsTo(told: string[]): UserStreams {
  return {
    open: () => ({ input: undefined, onResize: () => {}, close: () => {} }),
    write: (_stream: string, bytes: Uint8Array) => void told.push(Buffer.from(bytes).toString()),
  } as unknown as UserStreams;
}
