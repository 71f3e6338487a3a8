import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** So long after it was made, in milliseconds, git's lock is one that was left behind. */
const longestWork = 10_000;

/**
 * Tells whether git is changing many files just now: it holds its lock from the first to the last, e.g. of a change of
 * branch. Asks nothing but whether a file is there.
 */
export async function gitAtWork(folders: readonly string[]): Promise<() => boolean> {
  const found = await Promise.all(folders.map(gitFolderOf));
  const locks = [...new Set(found.filter((folder) => folder !== undefined))].map((folder) =>
    path.join(folder, 'index.lock'),
  );
  return () => locks.some(isHeld);
}

function isHeld(lock: string): boolean {
  try {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    return made !== undefined && Date.now() - made < longestWork;
  } catch {
    // Of what must not be looked at nothing is known.
    return false;
  }
}

/** Where git keeps what it knows of the files of a folder. */
async function gitFolderOf(folder: string): Promise<string | undefined> {
  for (let place = folder; ; place = path.dirname(place)) {
    const found = path.join(place, '.git');
    const kind = await stat(found).catch(() => undefined);
    if (kind?.isDirectory() === true) return found;
    // A further working tree names the place.
    const told = kind === undefined ? undefined : await readFile(found, 'utf8').catch(() => undefined);
    const named = /^gitdir: (.+)$/m.exec(told ?? '')?.[1];
    if (named !== undefined) return path.resolve(place, named);
    if (place === path.dirname(place)) return undefined;
  }
}
