import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { EngineHttp } from '../../src/docker/http.ts';
import { engineInfo } from '../../src/docker/info.ts';

/** One that answers with how often it was asked, once it is let. */
function engineOf(): { readonly engine: EngineHttp; readonly asked: () => number } {
  let asked = 0;
  const engine: EngineHttp = {
    async request({ signal }) {
      asked++;
      await Promise.resolve();
      signal.throwIfAborted();
      return {
        status: 200,
        headers: {},
        body: Readable.from([Buffer.from(JSON.stringify({ NCPU: asked }))]),
      };
    },
  };
  return { engine, asked: () => asked };
}

test('who asks again at once is told the same', async () => {
  const { engine, asked } = engineOf();
  const { signal } = new AbortController();
  const both = await Promise.all([engineInfo(engine, signal), engineInfo(engine, signal)]);
  const later = await engineInfo(engine, signal);
  expect([...both, later].map(({ info }) => info.NCPU)).toEqual([1, 1, 1]);
  expect(asked()).toBe(1);
  expect((await engineInfo(engineOf().engine, signal)).info.NCPU).toBe(1);
});

test('what ended one question does not end another', async () => {
  const { engine } = engineOf();
  const over = new AbortController();
  const { signal } = new AbortController();
  const first = engineInfo(engine, over.signal);
  const second = engineInfo(engine, signal);
  over.abort(new Error('over'));
  await expect(first).rejects.toThrow('over');
  expect((await second).info.NCPU).toBe(2);
});
