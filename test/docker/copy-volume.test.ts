import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { copyVolume } from '../../src/docker/copy-volume.ts';
import type { EngineAnswer, EngineHttp } from '../../src/docker/http.ts';
import type { PerformContext } from '../../src/model/runtime.ts';

const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const folder = Buffer.from(JSON.stringify({ name: 'all', mode: 0x80000000, size: 0 })).toString('base64');

/** An engine on which two containers have a volume with nothing in it. `fails`: what it does, and the answer is lost, or not at all. */
function engineWhere(fails: (request: string, times: number) => Error | EngineAnswer | undefined) {
  const requests: string[] = [];
  const answer = (status: number, body: string, headers = {}): EngineAnswer => ({
    status,
    headers,
    body: Readable.from([Buffer.from(body)]),
  });
  const users = ['a', 'b'].map((name) => ({
    Id: name,
    Names: [`/${name}`],
    Mounts: [{ Name: 'data', RW: true }],
  }));
  const engine: EngineHttp = {
    async request({ method, path }) {
      const request = `${method} ${path}`;
      requests.push(request);
      const found = fails(request, requests.filter((one) => one === request).length);
      if (found instanceof Error) throw found;
      if (found !== undefined) return found;
      if (path.endsWith('/archive')) return answer(200, '', { 'x-docker-container-path-stat': folder });
      return answer(200, JSON.stringify(path === '/containers/json' ? users : {}));
    },
  };
  const signal = new AbortController().signal;
  const context = { project: 'shop', signal, progress: () => {} } as unknown as PerformContext;
  return { requests, copied: copyVolume(engine, { from: 'data', to: 'copy', helper: 'h' }, context) };
}

const unpauses = (requests: readonly string[]) =>
  requests.filter((one) => one.endsWith('/unpause')).toSorted();

test('what may have been paused goes on, and what was surely not is left alone', async () => {
  const refusal = { status: 409, headers: {}, body: Readable.from([Buffer.from('{"message":"no"}')]) };
  const { requests, copied } = engineWhere((request) =>
    request === 'POST /containers/a/pause'
      ? lost
      : request === 'POST /containers/b/pause'
        ? refusal
        : undefined,
  );
  expect(await copied).toEqual({ kind: 'empty' });
  expect(unpauses(requests)).toEqual(['POST /containers/a/unpause']);
});

test('nobody stays paused because a connection broke', async () => {
  const { requests, copied } = engineWhere((request, times) =>
    request.endsWith('/unpause') && times === 1 ? lost : undefined,
  );
  expect(await copied).toEqual({ kind: 'empty' });
  expect(unpauses(requests)).toEqual(['a', 'a', 'b', 'b'].map((name) => `POST /containers/${name}/unpause`));
});
