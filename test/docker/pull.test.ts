import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { EngineHttp, EngineRequest } from '../../src/docker/http.ts';
import { pullImage, pushImage } from '../../src/docker/pull.ts';
import type { Progress } from '../../src/model/event.ts';

const { signal } = new AbortController();

/** An engine that answers with lines and keeps what it was asked. */
function engineSaying(lines: readonly object[], auth?: string) {
  const asked: EngineRequest[] = [];
  const http: EngineHttp = {
    async request(request) {
      asked.push(request);
      const body = Readable.from([Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))]);
      return { status: 200, headers: {}, body };
    },
    credentials: {
      forImage: async () => auth,
      forHost: async () => undefined,
      asConfig: async () => ({}),
      all: async () => undefined,
    },
  };
  return { http, asked };
}

const pushing = (id: string, current: number, total: number) => ({
  id,
  status: 'Pushing',
  progressDetail: { current, total },
});

test('an image is pushed under its tag, with what the user is logged in to, and tells its bytes', async () => {
  const lines = [
    pushing('a', 1, 10),
    pushing('b', 5, 20),
    pushing('a', 10, 10),
    { status: 'Pushed', id: 'a' },
  ];
  const { http, asked } = engineSaying(lines, 'credentials');
  const told: Progress[] = [];
  const push = { kind: 'push-image', service: 'web', image: 'host:5000/team/web:2' } as const;
  await pushImage(http, push, signal, (progress) => told.push(progress));
  expect(asked).toMatchObject([
    {
      method: 'POST',
      path: '/images/host:5000/team/web/push',
      query: { tag: '2' },
      headers: { 'X-Registry-Auth': 'credentials' },
    },
  ]);
  expect(told).toEqual([
    { text: 'uploading', current: 1, total: 10 },
    { text: 'uploading', current: 6, total: 30 },
    { text: 'uploading', current: 15, total: 30 },
  ]);
});

test('without credentials the engine still gets the header that it wants', async () => {
  const { http, asked } = engineSaying([]);
  await pushImage(http, { kind: 'push-image', service: 'web', image: 'web' }, signal, () => {});
  const [request] = asked;
  expect(request?.query).toEqual({ tag: 'latest' });
  expect(Buffer.from(String(request?.headers?.['X-Registry-Auth']), 'base64').toString()).toBe('{}');
});

test('a refusal in the middle is a failure, of either direction', async () => {
  const { http } = engineSaying([{ status: 'Preparing' }, { error: 'denied' }]);
  const image = 'web:1';
  await expect(
    pushImage(http, { kind: 'push-image', service: 'web', image }, signal, () => {}),
  ).rejects.toThrow('denied');
  await expect(
    pullImage(http, { kind: 'pull-image', service: 'web', image }, signal, () => {}),
  ).rejects.toThrow('denied');
});
