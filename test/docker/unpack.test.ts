import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pack } from 'tar-stream';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { packPath } from '../../src/docker/pack.ts';
import { renamed, unpack } from '../../src/docker/unpack.ts';

let top: string;
let folder: string;
beforeEach(() => {
  top = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  folder = path.join(top, 'inside');
  mkdirSync(folder);
  onTestFinished(() => rmSync(top, { recursive: true }));
});

type Header = Parameters<ReturnType<typeof pack>['entry']>[0];

function tarOf(...entries: readonly (Header & { readonly text?: string })[]): AsyncIterable<Uint8Array> {
  const tar = pack();
  for (const { text = '', ...header } of entries) tar.entry(header, text);
  tar.finalize();
  return tar as AsyncIterable<Uint8Array>;
}

const asIs = (name: string): string => name;

test.each([
  [[{ name: '../out', text: 'x' }]],
  [[{ name: 'a/../../out', text: 'x' }]],
  [[{ name: '/out', text: 'x' }]],
  [
    [
      { name: 'link', type: 'symlink', linkname: '..' },
      { name: 'link/out', text: 'x' },
    ],
  ],
  [[{ name: 'file', type: 'link', linkname: '../secret' }]],
] as (readonly (Header & { text?: string })[])[][])(
  'nothing is written or linked outside: %j',
  async (entries) => {
    writeFileSync(path.join(top, 'secret'), 'kept');
    await expect(unpack(tarOf(...entries), folder, asIs)).rejects.toThrow();
    expect(existsSync(path.join(top, 'out'))).toBe(false);
    expect(existsSync(path.join(folder, 'file'))).toBe(false);
    expect(readFileSync(path.join(top, 'secret'), 'utf8')).toBe('kept');
  },
);

test('a link that is there is replaced, not written through', async () => {
  writeFileSync(path.join(top, 'secret'), 'kept');
  symlinkSync('../secret', path.join(folder, 'a'));
  await unpack(tarOf({ name: 'a', text: 'new' }), folder, asIs);
  expect(lstatSync(path.join(folder, 'a')).isFile()).toBe(true);
  expect(readFileSync(path.join(top, 'secret'), 'utf8')).toBe('kept');
});

test('files get their modes and times, and folders keep theirs though files are put into them', async () => {
  const mtime = new Date('2001-02-03T04:05:06Z');
  await unpack(
    tarOf(
      { name: 'd/', type: 'directory', mode: 0o555, mtime },
      { name: 'd/f', mode: 0o4750, mtime, text: 'x' },
      { name: 'd/empty', mode: 0o600, mtime },
    ),
    folder,
    renamed('d', 'e'),
  );
  const shown = (name: string) => {
    const { mode, mtime: time } = statSync(path.join(folder, name));
    return [(mode & 0o7777).toString(8), time.getTime()];
  };
  expect(shown('e')).toEqual(['555', mtime.getTime()]);
  expect(shown('e/f')).toEqual(['4750', mtime.getTime()]);
  expect(readFileSync(path.join(folder, 'e/empty'), 'utf8')).toBe('');
});

test('a folder does not give way to a file, nor a file to a folder', async () => {
  mkdirSync(path.join(folder, 'd'));
  writeFileSync(path.join(folder, 'f'), 'kept');
  await expect(unpack(tarOf({ name: 'd', text: 'x' }), folder, asIs)).rejects.toThrow('is no file');
  await expect(unpack(tarOf({ name: 'f', type: 'directory' }), folder, asIs)).rejects.toThrow('is no folder');
});

test('what is neither file nor folder nor link is left alone', async () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(unpack(tarOf({ name: 'pipe', text: 'x' }), folder, asIs)).rejects.toThrow('is no file');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});

test.each([
  ['d', 'e', 'd/', 'e'],
  ['d', 'e', 'd/x', 'e/x'],
  ['d', 'd', 'd/x', 'd/x'],
  ['d', '.', 'd/x', './x'],
  ['.', 'e', './x', 'e/x'],
  ['.', 'e', './', 'e'],
  ['', 'e', '/x', 'e/x'],
])('from %j to %j: %j becomes %j', (before, after, name, becomes) => {
  expect(renamed(before, after)(name)).toBe(becomes);
});

test('what was packed is unpacked the same, byte for byte', async () => {
  const source = path.join(top, 'source');
  mkdirSync(path.join(source, 'sub'), { recursive: true });
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  writeFileSync(path.join(source, 'sub/big'), bytes);
  writeFileSync(path.join(source, 'empty'), '');
  symlinkSync('sub/big', path.join(source, 'link'));
  const packed = await packPath(source, { followLink: false });
  await unpack(packed.pack(asIs), folder, asIs);
  expect(readFileSync(path.join(folder, 'source/sub/big')).equals(bytes)).toBe(true);
  expect(statSync(path.join(folder, 'source/empty')).size).toBe(0);
  expect(lstatSync(path.join(folder, 'source/link')).isSymbolicLink()).toBe(true);
});
