import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { pausesOf } from '../../src/docker/listeners.ts';

const { signal } = new AbortController();
const engine = { host: '127.0.0.1', request: () => Promise.reject(new Error('not asked')) };

type Container = Parameters<typeof pausesOf>[1];

function running(Pid: number): Container {
  return { Id: 'none', State: { Pid } };
}

test.runIf(process.platform === 'linux')('a pause ends when the program begins to listen', async () => {
  const pauses = pausesOf(engine, running(process.pid));
  // Others of this machine may begin to listen meanwhile, too.
  await expect.poll(() => pauses.pause(30, 0, signal)).toBe(false);
  const listens = pauses.pause(600_000, 0, signal);
  const server = createServer().listen(0, '127.0.0.1');
  expect(await listens).toBe(true);
  server.close();
});

test('where that cannot be seen a pause is a pause', async () => {
  expect(await pausesOf(engine, running(0)).pause(1, 0, signal)).toBe(false);
  expect(await pausesOf({ ...engine, host: 'elsewhere' }, running(process.pid)).pause(1, 0, signal)).toBe(
    false,
  );
});
