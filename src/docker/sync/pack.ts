import { type Pack, pack } from 'tar-stream';
import type { SyncedFile } from '../../model/plan.ts';
import { addEntry, type Owner } from '../entry.ts';

/** Files, folders without their contents, and links as a tar, each under its target. What vanishes meanwhile is left out. */
export function packFiles(files: readonly SyncedFile[], owner: Owner | undefined): AsyncIterable<Uint8Array> {
  const tar = pack();
  fill(tar, files, owner).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return tar as AsyncIterable<Uint8Array>;
}

async function fill(tar: Pack, files: readonly SyncedFile[], owner: Owner | undefined): Promise<void> {
  for (const { source, target } of files) {
    if (tar.destroying) return;
    try {
      await addEntry(tar, source, target.replace(/^\/+/, ''), owner);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

/** Also a file in whose place there is a link or a folder by now. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EISDIR';
}
