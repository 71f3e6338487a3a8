import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { failure } from '../model/problem.ts';
import { feed } from './streams/feed.ts';
import type { Rename } from './unpack.ts';

export interface Packable {
  readonly kind: 'file' | 'folder';
  /** What the names in the tar begin with, until they are renamed. */
  readonly name: string;
  pack(rename: Rename): AsyncIterable<Uint8Array>;
}

/**
 * A file or folder of this machine as a tar, with its owners. Symbolic links inside stay links; what is neither file nor
 * folder nor link is left out. Throws `missing-file` if there is nothing.
 */
export async function packPath(
  source: string,
  { followLink }: { readonly followLink: boolean },
): Promise<Packable> {
  // With a `/` at its end a link stands for the folder it leads to in any case.
  const follow = followLink || /\/\.?$/.test(source);
  const stats = await (follow ? stat : lstat)(source).catch((error: NodeJS.ErrnoException) => {
    throw failure({
      code: error.code === 'ENOENT' ? 'missing-file' : 'unreadable-file',
      message: error.code === 'ENOENT' ? `${source} does not exist` : `${source} cannot be read`,
      cause: error.message,
    });
  });
  const top = follow ? await realpath(source) : path.resolve(source);
  const name = path.basename(top) || '.';
  return {
    kind: stats.isDirectory() ? 'folder' : 'file',
    name,
    pack: (rename) => {
      const tar = pack();
      fill(tar, top, name, stats, rename).then(
        () => tar.finalize(),
        (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
      );
      return tar as AsyncIterable<Uint8Array>;
    },
  };
}

type Header = Parameters<Pack['entry']>[0];

async function fill(tar: Pack, place: string, name: string, stats: Stats, rename: Rename): Promise<void> {
  const header = {
    name: rename(name),
    mode: stats.mode & 0o7777,
    mtime: stats.mtime,
    uid: stats.uid,
    gid: stats.gid,
  };
  if (stats.isDirectory()) {
    await add(tar, { ...header, type: 'directory' });
    for (const child of (await readdir(place)).toSorted()) {
      const inner = path.join(place, child);
      await fill(tar, inner, `${name}/${child}`, await lstat(inner), rename);
    }
  } else if (stats.isSymbolicLink()) {
    await add(tar, { ...header, type: 'symlink', linkname: await readlink(place) });
  } else if (stats.isFile()) {
    await addFile(tar, { ...header, type: 'file', size: stats.size }, place, stats.size);
  }
}

function add(tar: Pack, header: Header): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(header, (error) => (error ? reject(error) : resolve()));
  });
}

/** A file that grows meanwhile is cut at the size it had; one that shrinks is a failure. */
async function addFile(tar: Pack, header: Header, place: string, size: number): Promise<void> {
  const content = size === 0 ? nothing() : createReadStream(place, { end: size - 1 });
  await new Promise<void>((resolve, reject) => {
    const entry = tar.entry(header, (error) => (error ? reject(error) : resolve()));
    feed(entry, content).then(() => entry.end(undefined), reject);
  });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
