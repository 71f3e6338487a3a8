import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readTree, unsteady } from '../../../src/docker/build/inputs/tree.ts';

let top: string;
let folder: string;

beforeEach(() => {
  top = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  folder = path.join(top, 'context');
  mkdirSync(path.join(folder, 'src'), { recursive: true });
  vi.stubEnv('XDG_CACHE_HOME', path.join(top, 'cache'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(top, { recursive: true, force: true });
});

const read = (more: { readonly began?: number; readonly ignoreText?: string } = {}) =>
  readTree({ directory: folder, ignoreText: '', signal: new AbortController().signal, ...more });

test('contents, links and what can be executed count; times, owners, other rights and what editors leave do not', async () => {
  const file = path.join(folder, 'src/main.js');
  writeFileSync(file, 'one');
  symlinkSync('main.js', path.join(folder, 'src/link'));
  const before = await read();
  expect(Object.keys(before).toSorted()).toEqual(['src', 'src/link', 'src/main.js']);
  utimesSync(file, 1, 1);
  chmodSync(file, 0o600);
  writeFileSync(path.join(folder, 'src/.main.js.swp'), 'x');
  mkdirSync(path.join(folder, '.git'));
  writeFileSync(path.join(folder, 'ignored'), 'x');
  expect(await read({ ignoreText: 'ignored\n' })).toEqual(before);
  chmodSync(file, 0o700);
  expect(await read()).not.toEqual(before);
  chmodSync(file, 0o600);
  writeFileSync(file, 'two');
  expect((await read())['src/main.js']).not.toBe(before['src/main.js']);
});

test('what changes since a build began is unsteady, a folder in which something comes or goes, too', async () => {
  writeFileSync(path.join(folder, 'old'), 'x');
  const { ctimeMs } = statSync(path.join(folder, 'old'));
  expect((await read({ began: ctimeMs })).old).toBe(unsteady);
  expect((await read({ began: ctimeMs })).src).toBe(unsteady);
  expect((await read({ began: ctimeMs + 1000 })).old).not.toBe(unsteady);
});

test('a file that looks as it did is not read again; what is kept is for its user alone', async () => {
  const file = path.join(folder, 'src/main.js');
  writeFileSync(file, 'one');
  const { ctimeMs } = statSync(file);
  // As if it had been written long before it is read.
  vi.spyOn(Date, 'now').mockReturnValue(ctimeMs + 10_000);
  const before = await read();
  vi.restoreAllMocks();
  const cache = path.join(top, 'cache/stack/digests');
  const [name = ''] = readdirSync(cache);
  const kept = path.join(cache, name);
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  const digest = before['src/main.js'] ?? '';
  writeFileSync(kept, readFileSync(kept, 'utf8').replace(digest, 'as it was kept'));
  expect((await read())['src/main.js']).toBe('as it was kept');
  utimesSync(file, 1, 1);
  expect((await read())['src/main.js']).toBe(digest);
  writeFileSync(kept, 'broken');
  expect((await read())['src/main.js']).toBe(digest);
});
