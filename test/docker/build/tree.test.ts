import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Snapshot, seeFolder, unsteady } from '../../../src/docker/build/inputs/tree.ts';
import { openFolder } from '../../../src/docker/build/walk.ts';

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

interface More {
  readonly began?: number;
  readonly ignoreText?: string;
}
const look = (more: More = {}) =>
  seeFolder({ folder: openFolder(folder), ignoreText: '', signal: new AbortController().signal, ...more });
const read = async (more: More = {}) => (await look(more)).tree();

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

test('rights are told beside the files, and what editors and git leave that is not ignored', async () => {
  const file = path.join(folder, 'src/main.js');
  writeFileSync(file, 'one');
  chmodSync(file, 0o644);
  const before = await look();
  const files = await before.tree();
  expect(before.passedOver).toEqual([]);
  for (const [name, mode] of [
    ['src/main.js', 0o640],
    ['src', 0o750],
  ] as const) {
    const rights = (await look()).rights();
    chmodSync(path.join(folder, name), mode);
    expect((await look()).rights()).not.toBe(rights);
  }
  utimesSync(file, 1, 1);
  chmodSync(path.join(folder, 'src'), 0o755);
  chmodSync(file, 0o644);
  writeFileSync(path.join(folder, 'src/main.js~'), 'x');
  mkdirSync(path.join(folder, '.git'));
  writeFileSync(path.join(folder, '.git/HEAD'), 'x');
  const after = await look();
  expect(after.passedOver).toEqual(['.git', 'src/main.js~']);
  expect([after.rights(), await after.tree()]).toEqual([before.rights(), files]);
  expect((await look({ ignoreText: '.git\n**/*~\n' })).passedOver).toEqual([]);
});

test('what changes since a build began is unsteady, a folder in which something comes or goes, too', async () => {
  writeFileSync(path.join(folder, 'old'), 'x');
  const { ctimeMs } = statSync(path.join(folder, 'old'));
  expect((await read({ began: ctimeMs })).old).toBe(unsteady);
  const { ctimeMs: born } = statSync(path.join(folder, 'src'));
  expect((await read({ began: born })).src).toBe(unsteady);
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

test('a folder is known again by its looks and by the contents of what was too new; whatever is another is noticed', async () => {
  const files = ['src/a.js', 'src/b.js', 'late'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  const [a, b, late] = files;
  for (const file of files) writeFileSync(file, 'one');
  symlinkSync('a.js', path.join(folder, 'src/link'));
  const soon = await (await look()).snapshot();
  expect(Object.keys(soon?.recent ?? {}).toSorted()).toEqual(['late', 'src/a.js', 'src/b.js', 'src/link']);
  const now = Date.now();
  const longAfter = () => vi.spyOn(Date, 'now').mockReturnValue(now + 10_000);
  longAfter();
  const settled = await (await look()).snapshot();
  vi.restoreAllMocks();
  expect(settled?.recent).toEqual({});
  if (soon === undefined || settled === undefined) throw new Error('there are no snapshots');
  const isAs = async (snapshot: Snapshot) => (await (await look()).knownBy(snapshot)) !== undefined;
  const known = async () => [await isAs(soon), await isAs(settled)];
  expect(await known()).toEqual([true, true]);
  // Only contents tell that the same was written again.
  utimesSync(late, 1, 1);
  expect(await known()).toEqual([true, false]);
  longAfter();
  const again = await (await look()).snapshot();
  vi.restoreAllMocks();
  if (again === undefined) throw new Error('there is no snapshot');
  const isAgain = async () => [await isAs(soon), await isAs(again)];
  expect(await isAgain()).toEqual([true, true]);
  for (const [change, back] of [
    [() => writeFileSync(a, 'two'), () => writeFileSync(a, 'one')],
    [() => chmodSync(b, 0o700), () => chmodSync(b, 0o644)],
    [() => chmodSync(path.join(folder, 'src'), 0o700), () => chmodSync(path.join(folder, 'src'), 0o755)],
    [() => writeFileSync(path.join(folder, 'more'), ''), () => rmSync(path.join(folder, 'more'))],
    [() => renameSync(b, `${b}x`), () => renameSync(`${b}x`, b)],
  ] as const) {
    change();
    expect(await isAgain()).toEqual([false, false]);
    back();
    expect((await isAgain())[0]).toBe(true);
  }
});

test('what was too new is read once more, and then known by its looks, too', async () => {
  const file = path.join(folder, 'late');
  writeFileSync(file, 'one');
  const now = Date.now();
  const soon = await (await look()).snapshot();
  if (soon === undefined) throw new Error('there is no snapshot');
  // It is still too new.
  expect(await (await look()).knownBy(soon)).toBe(soon);
  vi.spyOn(Date, 'now').mockReturnValue(now + 10_000);
  const later = await (await look()).knownBy(soon);
  vi.restoreAllMocks();
  if (later === undefined) throw new Error('there is no snapshot');
  // What a file is said to contain counts for as long as nobody reads it.
  const told = { recent: { ...soon.recent, late: 'as it was kept' } };
  const isAs = async (snapshot: Snapshot) => (await (await look()).knownBy(snapshot)) !== undefined;
  expect(await isAs({ ...soon, ...told })).toBe(false);
  expect(await isAs({ ...later, ...told })).toBe(true);
  utimesSync(file, 1, 1);
  expect(await isAs({ ...later, ...told })).toBe(false);
  expect(await isAs(later)).toBe(true);
  writeFileSync(file, 'two');
  expect(await isAs(later)).toBe(false);
});

test('what a build may have read while it changed makes no folder known again', async () => {
  const file = path.join(folder, 'src/main.js');
  writeFileSync(file, 'one');
  const { ctimeMs } = statSync(file);
  const snapshot = await (await look({ began: ctimeMs })).snapshot();
  expect(snapshot?.recent).toMatchObject({ 'src/main.js': unsteady });
  if (snapshot !== undefined) expect(await (await look()).knownBy(snapshot)).toBeUndefined();
});
