import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
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

test.each([
  ['ended', 0, 'hello', undefined],
  ['failed', 127, 'sh: nope: not found', undefined],
  [
    'was not started',
    127,
    'Error: runc: exec failed: no such file',
    'Error: runc: exec failed: no such file',
  ],
])(
  'a process that %s is told as that, though Podman tells no process id',
  async (_, ExitCode, text, refused) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
    const socket = path.join(folder, 'podman.sock');
    const server = http.createServer((request, response) => {
      if (request.method === 'POST') response.end('{"Id":"e1"}');
      else response.end(JSON.stringify({ Running: false, ExitCode, Pid: 0 }));
    });
    server.on('upgrade', (_request, connection) => {
      const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]);
      connection.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      connection.end(Buffer.concat([head, Buffer.from(text)]));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    onTestFinished(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });
    const told: string[] = [];
    const streams = {
      open: () => ({ input: undefined, onResize: () => {}, close: () => {} }),
      write: (_stream: string, bytes: Uint8Array) => void told.push(Buffer.from(bytes).toString()),
    } as unknown as UserStreams;
    const request = {
      container: 'c1',
      command: ['sh'],
      environment: [],
      tty: false,
      input: false,
      privileged: false,
    };
    const engine = connectEngine({ url: `unix://${socket}`, from: 'test' });
    expect(await exec(engine, request, streams, new AbortController().signal)).toEqual({
      how: 'exited',
      exitCode: ExitCode,
      ...(refused === undefined ? {} : { refused }),
    });
    expect(told.join('')).toBe(text);
  },
);
