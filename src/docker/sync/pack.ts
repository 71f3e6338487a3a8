import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import { type Pack, pack } from 'tar-stream';
import type { SyncedFile } from '../../model/plan.ts';
import { feed } from '../streams/feed.ts';
import type { Owner } from './owner.ts';

/** Files up to this size are read before they are announced, so that one that is just being written does no harm. */
const smallSize = 1024 * 1024;

/**
 * Files, folders without their contents, and symbolic links as a tar, each under its target. What vanishes meanwhile is left
 * out; what is none of these, too. Without an owner each keeps the numbers of its own.
 */
export function packFiles(files: readonly SyncedFile[], owner: Owner | undefined): AsyncIterable<Uint8Array> {
  const tar = pack();
  fill(tar, files, owner).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return tar as AsyncIterable<Uint8Array>;
}

async function fill(tar: Pack, files: readonly SyncedFile[], owner: Owner | undefined): Promise<void> {
  for (const file of files) {
    if (tar.destroying) return;
    try {
      await add(tar, file, owner);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

async function add(tar: Pack, { source, target }: SyncedFile, owner: Owner | undefined): Promise<void> {
  const stats = await lstat(source);
  const name = target.replace(/^\/+/, '');
  if (stats.isDirectory()) await addEmpty(tar, { ...headerOf(name, stats, owner), type: 'directory' });
  else if (stats.isSymbolicLink()) {
    const linkname = await readlink(source);
    await addEmpty(tar, { ...headerOf(name, stats, owner), type: 'symlink', linkname });
  } else if (stats.isFile()) {
    const file = await open(source, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      await addFile(tar, file, name, owner);
    } finally {
      await file.close();
    }
  }
}

type Header = Parameters<Pack['entry']>[0];

function headerOf(name: string, stats: Stats, owner: Owner | undefined): Header & { readonly name: string } {
  const { uid, gid } = owner ?? stats;
  return { name, mode: stats.mode & 0o7777, mtime: stats.mtime, uid, gid };
}

function addEmpty(tar: Pack, header: Header): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, (error) => (error ? reject(error) : resolve()));
  });
}

/** A large file that grows meanwhile is cut at the size it had; one that shrinks is a failure. */
async function addFile(tar: Pack, file: FileHandle, name: string, owner: Owner | undefined): Promise<void> {
  const stats = await file.stat();
  const header = { ...headerOf(name, stats, owner), type: 'file' } as const;
  if (stats.size <= smallSize) {
    const contents = await file.readFile();
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null): void => (error ? reject(error) : resolve());
      tar.entry({ ...header, size: contents.length }, contents, done);
    });
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const entry = tar.entry({ ...header, size: stats.size }, (error) => (error ? reject(error) : resolve()));
    const content = file.createReadStream({ start: 0, end: stats.size - 1, autoClose: false });
    feed(entry, content).then(() => entry.end(undefined), reject);
  });
}

/** Also a file in whose place there is a link by now. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
