import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineHttp } from '../../src/docker/http.ts';
import { bringBack } from '../../src/docker/sync/back.ts';
import type { KnownFile } from '../../src/model/streams.ts';

let folder: string;
let target: string;
let known: Map<string, KnownFile>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'back-'));
  target = path.join(folder, 'target');
  known = new Map();
});

afterEach(() => rm(folder, { recursive: true }));

type Content = readonly (readonly [Partial<Header> & { name: string }, string])[];

/** Containers are not to be trusted: an engine whose container has a folder with these entries. */
function engineWith(entries: Content): EngineHttp {
  const details = Buffer.from(
    JSON.stringify({ name: 'gen', mode: 0x80000000, size: 0, mtime: '', linkTarget: '' }),
  );
  return {
    request: async ({ method }) => {
      const tar = pack();
      for (const [header, text] of entries) tar.entry(header, text);
      tar.finalize();
      const body = method === 'HEAD' ? new PassThrough().end() : Readable.from(tar);
      return { status: 200, headers: { 'x-docker-container-path-stat': details.toString('base64') }, body };
    },
  } as EngineHttp;
}

const bring = (entries: Content) =>
  bringBack(
    engineWith(entries),
    { container: 'c', path: '/app/gen', target, known },
    new AbortController().signal,
  );
const time = (seconds: number) => ({ mtime: new Date(seconds * 1000) });

test('no name leads out of the target, and nothing but files is made', async () => {
  const brought = await bring([
    [{ name: 'gen/../../escaped' }, 'x'],
    [{ name: 'gen//etc/absolute' }, 'x'],
    [{ name: 'gen/link', type: 'symlink', linkname: '/etc/passwd' }, ''],
    [{ name: 'gen/device', type: 'character-device' }, ''],
    [{ name: 'gen/hard', type: 'link', linkname: '/etc/passwd' }, ''],
    [{ name: 'gen/good' }, 'good'],
  ]);
  expect(brought.map(({ file, outcome }) => [path.relative(target, file), outcome])).toEqual([
    ['../../escaped', 'refused'],
    ['etc/absolute', 'refused'],
    ['good', 'written'],
  ]);
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(['target', 'target/good']);
});

test('nothing that git would run, and no link of this machine, is written to, whatever a file is called', async () => {
  await mkdir(path.join(target, '.git/hooks'), { recursive: true });
  await symlink(folder, path.join(target, 'out'));
  await writeFile(path.join(folder, 'victim'), 'mine');
  await symlink(path.join(folder, 'victim'), path.join(target, 'linked'));
  const brought = await bring([
    [{ name: 'gen/.git/hooks/pre-commit', mode: 0o755 }, 'x'],
    [{ name: 'gen/sub/.GIT/config' }, 'x'],
    [{ name: 'gen/out/victim' }, 'theirs'],
    [{ name: 'gen/linked' }, 'theirs'],
    [{ name: 'gen/.gitignore' }, 'good'],
    [{ name: 'gen/a\nb', mode: 0o4777 }, 'good'],
  ]);
  expect(brought.map(({ file, outcome }) => [path.relative(target, file), outcome])).toEqual([
    ['.git/hooks/pre-commit', 'refused'],
    ['sub/.GIT/config', 'refused'],
    ['out/victim', 'refused'],
    ['linked', 'refused'],
    ['.gitignore', 'written'],
    ['a\nb', 'written'],
  ]);
  expect(await readFile(path.join(folder, 'victim'), 'utf8')).toBe('mine');
  expect((await readdir(target)).sort()).toEqual(['.git', '.gitignore', 'a\nb', 'linked', 'out']);
  expect(await readdir(path.join(target, '.git/hooks'))).toEqual([]);
  // Nobody who runs it becomes its owner.
  expect((await stat(path.join(target, 'a\nb'))).mode & 0o7777).toBe(0o755);
});

test('a file comes once, and again when its contents are others; one of both sides stays', async () => {
  const file = path.join(target, 'a');
  expect(await bring([[{ name: 'gen/a', ...time(1) }, 'one']])).toMatchObject([{ outcome: 'written' }]);
  expect(await bring([[{ name: 'gen/a', ...time(1) }, 'one']])).toEqual([]);
  expect(await bring([[{ name: 'gen/a', ...time(2) }, 'one']])).toEqual([]);
  expect(await bring([[{ name: 'gen/a', ...time(3) }, 'two']])).toMatchObject([{ outcome: 'written' }]);
  expect(await readFile(file, 'utf8')).toBe('two');
  await writeFile(file, 'mine');
  const beside = `${file}.container`;
  expect(await bring([[{ name: 'gen/a', ...time(4) }, 'six']])).toEqual([
    { file, outcome: 'conflict', beside },
  ]);
  expect([await readFile(file, 'utf8'), await readFile(beside, 'utf8')]).toEqual(['mine', 'six']);
  expect((await readdir(target)).sort()).toEqual(['a', 'a.container']);
});

test('what changes twice in a second, which is as exactly as engines tell times, comes twice', async () => {
  const now = { mtime: new Date() };
  expect(await bring([[{ name: 'gen/a', ...now }, 'one']])).toMatchObject([{ outcome: 'written' }]);
  expect(await bring([[{ name: 'gen/a', ...now }, 'one']])).toEqual([]);
  expect(await bring([[{ name: 'gen/a', ...now }, 'two']])).toMatchObject([{ outcome: 'written' }]);
  expect(await readFile(path.join(target, 'a'), 'utf8')).toBe('two');
});

test('what differs from the beginning stays as it is on both sides', async () => {
  await bring([[{ name: 'gen/other' }, '']]);
  await writeFile(path.join(target, 'a'), 'mine');
  expect(await bring([[{ name: 'gen/a', ...time(1) }, 'theirs']])).toEqual([]);
  expect(await readFile(path.join(target, 'a'), 'utf8')).toBe('mine');
});
