import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import type { Pack } from 'tar-stream';
import { feed } from './streams/feed.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Files up to this size are read before they are announced, so that one that is just being written does no harm. */
const smallSize = 1024 * 1024;

/**
 * Adds a file, a symbolic link as such, or a folder without its contents to a tar; what is none of these is left out.
 * Without an owner it keeps the numbers of its own. Gives what it is; rejects with the file system's error.
 */
export async function addEntry(tar: Pack, source: string, name: string, owner?: Owner): Promise<Stats> {
  const stats = await lstat(source);
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
  return stats;
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
    // The callback has heard of it.
    entry.on('error', () => {});
    const content = file.createReadStream({ start: 0, end: stats.size - 1, autoClose: false });
    feed(entry, content).then(() => entry.end(undefined), reject);
  });
}
