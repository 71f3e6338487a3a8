import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packContext } from '../../../src/docker/build/context.ts';
import { createIgnore } from '../../../src/docker/build/dockerignore.ts';
import { ProblemsError } from '../../../src/model/problem.ts';

const isRoot = process.getuid?.() === 0;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'context-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('packContext', () => {
  it('packs folders, files and links in a fixed order, with their modes and times, owned by root', async () => {
    await write('b.txt', 'b');
    await write('a/run.sh', '#!/bin/sh\n');
    await chmod(at('a/run.sh'), 0o750);
    await chmod(at('b.txt'), 0o640);
    await utimes(at('b.txt'), 1_000_000_000, 1_000_000_000);
    await mkdir(at('a/empty'));
    await symlink('../b.txt', at('a/link'));
    await symlink('/nowhere/at/all', at('dangling'));
    const entries = await unpack(pack());
    expect(entries.map(({ header }) => [header.type, header.name])).toEqual([
      ['directory', 'a/'],
      ['directory', 'a/empty/'],
      ['symlink', 'a/link'],
      ['file', 'a/run.sh'],
      ['file', 'b.txt'],
      ['symlink', 'dangling'],
    ]);
    expect(entries.every(({ header }) => header.uid === 0 && header.gid === 0)).toBe(true);
    expect(find(entries, 'a/run.sh').header.mode).toBe(0o750);
    expect(find(entries, 'b.txt').header).toMatchObject({ mode: 0o640, mtime: new Date(1_000_000_000_000) });
    expect(find(entries, 'a/link').header.linkname).toBe('../b.txt');
    expect(find(entries, 'b.txt').text).toBe('b');
  });

  it('keeps long, odd and foreign names', async () => {
    const names = [
      `${'long-folder-name/'.repeat(20)}${'n'.repeat(200)}.txt`,
      'grüße 🙂.txt',
      'a b',
      '-x',
      '...',
    ];
    for (const name of names) await write(name, name);
    const entries = await unpack(pack());
    const files = entries.filter(({ header }) => header.type === 'file');
    expect(new Map(files.map(({ header, text }) => [header.name, text]))).toEqual(
      new Map(names.map((name) => [name, name])),
    );
  });

  it('leaves out what is ignored, but not the folders of what is brought back', async () => {
    for (const name of ['node_modules/p/x.js', 'docs/a.md', 'docs/deep/keep.md', 'src/main.js']) {
      await write(name, '');
    }
    const entries = await unpack(pack(['node_modules', 'docs', '!docs/deep/keep.md']));
    expect(entries.map(({ header }) => header.name)).toEqual([
      'docs/',
      'docs/deep/',
      'docs/deep/keep.md',
      'src/',
      'src/main.js',
    ]);
  });

  it('adds extra files, in place of one of the same name', async () => {
    await write('Dockerfile', 'on disk');
    const extraFiles = new Map([
      ['Dockerfile', Buffer.from('given')],
      ['.other', Buffer.from('more')],
    ]);
    const entries = await unpack(packContext({ directory: folder, ignore: createIgnore([]), extraFiles }));
    expect(entries.map(({ header, text }) => [header.name, text])).toEqual([
      ['Dockerfile', 'given'],
      ['.other', 'more'],
    ]);
  });

  it('leaves out sockets and pipes', async () => {
    await write('file', '');
    expect(spawnSync('mkfifo', [at('pipe')]).status).toBe(0);
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    const entries = await unpack(pack());
    server.close();
    expect(entries.map(({ header }) => header.name)).toEqual(['file']);
  });

  it('skips files that vanish, and fills up or cuts those that shrink or grow, while it is packed', async () => {
    const big = 8 * 1024 * 1024;
    await write('1-large', 'x'.repeat(big));
    await write('2-shrinks', 'y'.repeat(big));
    await write('3-grows', 'z'.repeat(1000));
    for (let n = 0; n < 200; n += 1) await write(`4-many/${String(n).padStart(3, '0')}`, 'small');
    await write('5-vanishes', 'gone');
    await write('6-vanishes-too/file', 'gone');
    await write('7-last', 'last');
    const stream = pack();
    let changed = false;
    const entries = await unpack(stream, ({ name }, read) => {
      if (name === '2-shrinks' && read > 0 && !changed) {
        changed = true;
        truncateSync(at('2-shrinks'), 100);
        appendFileSync(at('3-grows'), 'more');
        rmSync(at('5-vanishes'));
        rmSync(at('6-vanishes-too'), { recursive: true });
      }
    });
    expect(changed).toBe(true);
    expect(find(entries, '1-large').text).toBe('x'.repeat(big));
    expect(find(entries, '2-shrinks').text).toMatch(/^y+\0+$/);
    expect(find(entries, '2-shrinks').text).toHaveLength(big);
    expect(find(entries, '3-grows').text).toMatch(/^z{1000}(more)?$/);
    expect(entries.some(({ header }) => header.name === '5-vanishes')).toBe(false);
    expect(entries.some(({ header }) => header.name === '6-vanishes-too/file')).toBe(false);
    expect(find(entries, '7-last').text).toBe('last');
  });

  it('survives a folder that changes all the time', async () => {
    for (let n = 0; n < 300; n += 1) await write(`f${n}`, 'x'.repeat(n * 10));
    let step = 0;
    const entries = await unpack(pack(), () => {
      step += 1;
      const name = at(`f${(step * 7) % 300}`);
      if (step % 3 === 0) rmSync(name, { force: true, recursive: true });
      else writeFileSync(name, 'y'.repeat((step * 31) % 5000));
      if (step % 11 === 0) chmodSync(folder, 0o755);
    });
    expect(entries.length).toBeGreaterThan(100);
  });

  it('does not read faster than its reader, and stops with it', async () => {
    await write('large', '');
    await truncate(at('large'), 4 * 1024 * 1024 * 1024);
    const stream = pack();
    const before = process.memoryUsage.rss();
    let read = 0;
    for await (const chunk of stream) {
      read += (chunk as Buffer).length;
      if (read > 10 * 1024 * 1024) break;
    }
    expect(stream.destroyed).toBe(true);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('names what cannot be read', async () => {
    await write('readable', '');
    await write('secret/key', '');
    await chmod(at('secret/key'), 0);
    const error = await asNobody(() => unpack(pack()).catch((thrown: unknown) => thrown));
    expect(error).toBeInstanceOf(ProblemsError);
    expect((error as ProblemsError).problems[0]).toMatchObject({
      code: 'unreadable-file',
      message: `cannot read ${at('secret/key')}, which is part of the build context`,
      cause: expect.stringContaining('EACCES'),
    });
    await expect(asNobody(() => unpack(pack(['secret'])))).resolves.toHaveLength(1);
  });

  it('fails when the folder itself is not there', async () => {
    await rm(folder, { recursive: true });
    await expect(unpack(pack())).rejects.toThrow(`cannot read ${folder}`);
  });
});

function at(name: string): string {
  return path.join(folder, name);
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(at(name)), { recursive: true });
  await writeFile(at(name), text);
}

function pack(patterns: readonly string[] = []): Readable {
  return packContext({ directory: folder, ignore: createIgnore(patterns), extraFiles: new Map() });
}

interface Entry {
  readonly header: Header;
  readonly text: string;
}

/** `during` is called for each piece that is read, with the bytes of the entry so far. */
async function unpack(
  tar: Readable,
  during: (header: Header, read: number) => void = () => undefined,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const reader = extract();
  tar.on('error', (error) => reader.destroy(error)).pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    let read = 0;
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      read += chunk.length;
      during(entry.header, read);
    }
    entries.push({ header: entry.header, text: Buffer.concat(chunks).toString() });
  }
  return entries;
}

function find(entries: readonly Entry[], name: string): Entry {
  const entry = entries.find(({ header }) => header.name === name);
  if (entry === undefined) throw new Error(`there is no ${name}`);
  return entry;
}

/** Root may read everything; for a while it is someone who may not. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (!isRoot) return work();
  chmodSync(folder, 0o755);
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
