import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Pack, pack } from 'tar-stream';
import { failure } from '../model/problem.ts';
import { addEntry } from './entry.ts';
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
      fill(tar, top, name, rename).then(
        () => tar.finalize(),
        (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
      );
      return tar as AsyncIterable<Uint8Array>;
    },
  };
}

async function fill(tar: Pack, place: string, name: string, rename: Rename): Promise<void> {
  const stats = await addEntry(tar, place, rename(name));
  if (!stats.isDirectory()) return;
  for (const child of (await readdir(place)).toSorted())
    await fill(tar, path.join(place, child), `${name}/${child}`, rename);
}
