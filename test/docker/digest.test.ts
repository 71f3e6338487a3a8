import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { imageDigest } from '../../src/docker/digest.ts';
import type { EngineHttp, EngineRequest } from '../../src/docker/http.ts';
import { problemsOf } from '../../src/model/problem.ts';

function engine(status: number, answer: object, asked: EngineRequest[] = []): EngineHttp {
  return {
    async request(options) {
      asked.push(options);
      return { status, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(answer))]) };
    },
    credentials: {
      forImage: async (image) => (image.startsWith('private') ? 'mine' : undefined),
      forHost: async () => undefined,
      asConfig: async () => ({}),
      all: async () => undefined,
    },
  };
}

const { signal } = new AbortController();

test('the engine is asked with the credentials for the image', async () => {
  const asked: EngineRequest[] = [];
  const answers = engine(200, { Descriptor: { digest: 'sha256:1' } }, asked);
  expect(await imageDigest(answers, 'private.io/x:1', signal)).toBe('sha256:1');
  await imageDigest(answers, 'docker.io/library/nginx:latest', signal);
  expect(asked.map(({ path, headers }) => [path, headers?.['X-Registry-Auth']])).toEqual([
    ['/distribution/private.io/x:1/json', 'mine'],
    ['/distribution/docker.io/library/nginx:latest/json', 'e30='],
  ]);
});

test('that there is no digest is told with what the registry said', async () => {
  const refused = imageDigest(engine(404, { message: 'manifest unknown' }), 'docker.io/library/x:1', signal);
  const problems = problemsOf(await refused.catch((error: unknown) => error));
  expect(problems).toMatchObject([{ code: 'image-not-found', cause: 'manifest unknown' }]);
});
