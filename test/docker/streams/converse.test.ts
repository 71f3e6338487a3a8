import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { converse } from '../../../src/docker/streams/converse.ts';
import { withResolvers } from '../../../src/model/resolvers.ts';
import type { UserStreams } from '../../../src/model/streams.ts';
import { frame } from '../../helpers/frame.ts';

/** A connection with a process that does what the test says. */
async function connected(behave: (process: Socket) => void): Promise<Socket> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const server = createServer({ allowHalfOpen: true }, behave);
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const socket = path.join(folder, 's');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const client = connect(socket);
  await new Promise((resolve) => client.once('connect', resolve));
  return client;
}

interface Listened extends UserStreams {
  readonly heard: { stdout: string; stderr: string };
}

function listener(slow?: () => Promise<void>): Listened {
  const heard = { stdout: '', stderr: '' };
  return {
    heard,
    async write(stream, bytes) {
      heard[stream] += Buffer.from(bytes).toString();
      await slow?.();
    },
    open: () => ({ onResize() {}, close() {} }),
  };
}

function talk(connection: Socket, streams: UserStreams, input?: NodeJS.ReadableStream, tty = false) {
  const opened = { onResize() {}, close() {}, ...(input === undefined ? {} : { input }) };
  return converse(connection, { tty, detachKeys: Buffer.from([16, 17]), streams, opened });
}

test('the end of the input reaches the process, which can still answer', async () => {
  const connection = await connected((process) => {
    let read = '';
    process.on('data', (chunk) => {
      read += chunk;
    });
    process.on('end', () => process.end(frame(1, `read ${read}`)));
  });
  const streams = listener();
  expect(await talk(connection, streams, Readable.from([Buffer.from('ab'), Buffer.from('c')]))).toBe('ended');
  expect(streams.heard).toEqual({ stdout: 'read abc', stderr: '' });
});

test('input that was paused and read as text before reaches a process with a terminal', async () => {
  const connection = await connected((process) => {
    process.on('data', (chunk) => process.end(`read ${chunk}`));
  });
  const input = new PassThrough();
  input.setEncoding('utf8');
  input.pause();
  input.write('é');
  const streams = listener();
  await talk(connection, streams, input, true);
  expect(streams.heard.stdout).toBe('read é');
});

test('without input the process reads its end at once', async () => {
  const connection = await connected((process) => {
    process.resume().on('end', () => process.end(frame(2, 'nothing')));
  });
  const streams = listener();
  await talk(connection, streams);
  expect(streams.heard.stderr).toBe('nothing');
});

test('what a process wrote before it ended is not lost when it has not read all its input', async () => {
  const said = 'x'.repeat(100_000);
  for (let time = 0; time < 30; time += 1) {
    const connection = await connected((process) => {
      process.pause();
      process.write(frame(1, said), () => process.destroy());
    });
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    const streams = listener();
    expect(await talk(connection, streams, endless)).toBe('ended');
    expect(streams.heard.stdout).toHaveLength(said.length);
  }
});

test('a process is not read faster than its output is taken', async () => {
  let sent = 0;
  const connection = await connected((process) => {
    const part = frame(1, 'y'.repeat(65_536));
    const more = (): void => {
      while (sent < 2000) {
        sent += 1;
        if (!process.write(part)) return void process.once('drain', more);
      }
      process.end();
    };
    more();
  });
  const first = withResolvers<void>();
  const taken = withResolvers<void>();
  const streams = listener(() => {
    first.resolve();
    return taken.promise;
  });
  const talking = talk(connection, streams);
  await first.promise;
  // Whatever the two ends of the connection hold between them is far less than all.
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  expect(sent).toBeLessThan(200);
  taken.resolve();
  await talking;
  expect(streams.heard.stdout).toHaveLength(2000 * 65_536);
});

test('keys leave a process with a terminal, which hears nothing of them', async () => {
  let read = '';
  const closed = withResolvers<void>();
  const connection = await connected((process) => {
    process.on('data', (chunk) => {
      read += chunk;
    });
    process.on('end', closed.resolve);
    process.on('error', () => {});
  });
  const input = new PassThrough();
  const talking = talk(connection, listener(), input, true);
  input.write('ls\u0010\u0011');
  expect(await talking).toBe('detached');
  await closed.promise;
  expect(read).not.toContain('\u0010');
});

test('a connection that breaks is a failure', async () => {
  const connection = await connected((process) => {
    process.write(frame(1, 'cut').subarray(0, 9), () => process.end());
  });
  await expect(talk(connection, listener())).rejects.toThrow('in the middle of a frame');
});
