import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { watchFiles } from '../../src/files/watch.ts';

// Where folders are replaced quickly the library's own end may never come; it cannot be made to do so at will.
vi.mock('chokidar', async (load) => {
  const library = await load<typeof import('chokidar')>();
  const watch: typeof library.watch = (...given) => {
    const watcher = library.watch(...given);
    const close = watcher.close.bind(watcher);
    watcher.close = async () => {
      await close();
      return new Promise(() => {});
    };
    return watcher;
  };
  return { ...library, watch };
});

it('ends even if the library does not', async () => {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'watch-')));
  const stop = new AbortController();
  const request = { folders: [folder], ignored: () => false };
  const batches = watchFiles(request, () => stop.abort(), stop.signal)[Symbol.asyncIterator]();
  expect(await batches.next()).toEqual({ done: true, value: undefined });
  await rm(folder, { recursive: true });
});
