import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { dockerRuntime } from '../../src/docker/runtime.ts';
import type { Action } from '../../src/model/plan.ts';
import { ProblemsError } from '../../src/model/problem.ts';
import type { PerformContext } from '../../src/model/runtime.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'runtime-'));
let server: http.Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An engine that holds what it is to do until it is told to answer; and what it was asked, without what only asks. */
async function holdingEngine() {
  const held: { readonly said: string; answer(): void }[] = [];
  const asked: string[] = [];
  let isAsked = (): void => {};
  server = http.createServer((request, response) => {
    response.setHeader('Api-Version', '1.51');
    if (request.method === 'GET') {
      response.end('OK');
      return;
    }
    const said = `${request.method} ${request.url?.replace(/\?.*/, '')}`;
    asked.push(said);
    held.push({ said, answer: () => void response.writeHead(204).end() });
    isAsked();
  });
  const socket = path.join(folder, 'engine.sock');
  server.listen(socket);
  await once(server, 'listening');
  const askedFor = async (times: number): Promise<void> => {
    while (asked.length < times) await new Promise<void>((resolve) => (isAsked = resolve));
  };
  return { runtime: dockerRuntime({ url: `unix://${socket}`, from: 'test' }), held, asked, askedFor };
}

const remove = (number: number): Action => ({
  kind: 'remove-container',
  id: String(number),
  container: { service: 'web', number, name: `app-web-${number}` },
  volumes: false,
});

test('the engine removes eight containers at a time; once the end was asked for no other one is begun with', async () => {
  const { runtime, held, asked, askedFor } = await holdingEngine();
  const ending = new AbortController();
  const { signal } = new AbortController();
  const context: PerformContext = {
    project: 'app',
    signal,
    beginning: ending.signal,
    progress() {},
    contents: new Map(),
  };
  const done = Array.from({ length: 12 }, (_, index) =>
    runtime.perform(remove(index), context).then(
      () => 'done',
      (error: unknown) => (error instanceof ProblemsError ? 'problem' : error),
    ),
  );
  await askedFor(8);
  held.shift()?.answer();
  await askedFor(9);
  expect(asked).toEqual(Array.from({ length: 9 }, (_, index) => `DELETE /containers/${index}`));
  ending.abort();
  for (const { answer } of held) answer();
  expect(await Promise.all(done)).toEqual([...Array(9).fill('done'), ...Array(3).fill('problem')]);
  expect(asked).toHaveLength(9);
});
