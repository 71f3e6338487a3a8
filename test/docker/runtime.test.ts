import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dockerRuntime } from '../../src/docker/runtime.ts';
import type { Action } from '../../src/model/plan.ts';
import { ProblemsError } from '../../src/model/problem.ts';
import type { PerformContext } from '../../src/model/runtime.ts';

let folder: string;
let server: http.Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runtime-'));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An engine that holds what it is to do until it is told to answer; and what it was asked, without what only asks. */
async function holdingEngine() {
  const held: (() => void)[] = [];
  const asked: string[] = [];
  let isAsked = (): void => {};
  server = http.createServer((request, response) => {
    response.setHeader('Api-Version', '1.51');
    if (request.method === 'GET') {
      response.end('OK');
      return;
    }
    asked.push(`${request.method} ${request.url?.replace(/\?.*/, '')}`);
    held.push(() => response.writeHead(204).end());
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

const container = (number: number) => ({ service: 'web', number, name: `app-web-${number}` });

const remove = (number: number): Action => ({
  kind: 'remove-container',
  id: String(number),
  container: container(number),
  volumes: false,
});

const contextOf = (beginning?: AbortSignal): PerformContext => ({
  project: 'app',
  signal: new AbortController().signal,
  ...(beginning && { beginning }),
  progress() {},
  contents: new Map(),
});

test('what was removed as it was stopped is not removed once more, and nothing else is taken for it', async () => {
  const { runtime, held, asked, askedFor } = await holdingEngine();
  const stop: Action = {
    kind: 'stop-container',
    id: '1',
    container: container(1),
    removed: { volumes: false },
  };
  const stopped = runtime.perform(stop, contextOf());
  await askedFor(1);
  held.shift()?.();
  await stopped;
  await runtime.perform(remove(1), contextOf());
  expect(asked).toEqual(['DELETE /containers/1']);
  const others = [remove(2), remove(1)].map((action) => runtime.perform(action, contextOf()));
  await askedFor(3);
  for (const answer of held) answer();
  await Promise.all(others);
  expect(asked).toEqual([1, 2, 1].map((id) => `DELETE /containers/${id}`));
});

test('the engine removes eight containers at a time; once the end was asked for no other one is begun with', async () => {
  const { runtime, held, asked, askedFor } = await holdingEngine();
  const ending = new AbortController();
  const context = contextOf(ending.signal);
  const done = Array.from({ length: 12 }, (_, index) =>
    runtime.perform(remove(index), context).then(
      () => 'done',
      (error: unknown) => (error instanceof ProblemsError ? 'problem' : error),
    ),
  );
  await askedFor(8);
  held.shift()?.();
  await askedFor(9);
  expect(asked).toEqual(Array.from({ length: 9 }, (_, index) => `DELETE /containers/${index}`));
  ending.abort();
  for (const answer of held) answer();
  expect(await Promise.all(done)).toEqual([...Array(9).fill('done'), ...Array(3).fill('problem')]);
  expect(asked).toHaveLength(9);
});
