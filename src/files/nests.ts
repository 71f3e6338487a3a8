import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { platform } from 'node:os';
import path from 'node:path';
import { isBelow } from './roots.ts';

/** These watch all that is below a path by itself; elsewhere a watch is of the folder that was there when it began. */
export const watchesBelow = ['darwin', 'win32'].includes(platform());

/** Folders that are watched each by itself. */
export interface Nests {
  /**
   * Watches a folder as it is now, and those in it. Gives all that is in it; whatever changes there afterwards is heard of.
   */
  enter(folder: string): Promise<readonly string[]>;
  /** No longer watches folders and those in them; gives what was in them when they were entered. */
  leave(folders: ReadonlySet<string>): readonly string[];
  has(folder: string): boolean;
  /** Whether a folder that was entered is gone, or another one is in its place. */
  hasLost(folder: string): boolean;
  /** Whether something was in its folder when that was entered. */
  had(file: string): boolean;
  /** Nothing is watched any more, nor later. */
  close(): void;
}

interface Nest {
  readonly identity: string | undefined;
  readonly names: Set<string>;
  readonly watcher: FSWatcher | undefined;
}

/** `hear` is told the folder, the name of what has changed in it, and whether another one, or none, has the name now. */
export function createNests(
  isUnwanted: (file: string) => boolean,
  hear: (folder: string, name: string | null, isRenamed: boolean) => void,
  fail: (error: unknown) => void,
): Nests {
  const nests = new Map<string, Nest>();
  let isOver = false;

  const listen = (folder: string): FSWatcher | undefined => {
    if (watchesBelow) return undefined;
    try {
      return watch(folder, (event, name) => hear(folder, name, event === 'rename')).on('error', fail);
    } catch (error) {
      fail(error);
      return undefined;
    }
  };
  const collect = async (folder: string, found: string[]): Promise<void> => {
    if (isOver) return;
    nests.get(folder)?.watcher?.close();
    const names = new Set<string>();
    // What comes after it was listed is heard of.
    nests.set(folder, { identity: identityOf(folder), names, watcher: listen(folder) });
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const file = path.join(folder, entry.name);
      if (isUnwanted(file)) continue;
      names.add(entry.name);
      found.push(file);
      if (entry.isDirectory()) await collect(file, found);
    }
  };
  return {
    async enter(folder) {
      const found: string[] = [];
      await collect(folder, found);
      return found;
    },
    leave(folders) {
      const left: string[] = [];
      for (const [folder, { names, watcher }] of nests) {
        if (!folders.has(folder) && !isBelow(folders, folder)) continue;
        watcher?.close();
        nests.delete(folder);
        for (const name of names) left.push(path.join(folder, name));
      }
      return left;
    },
    has: (folder) => nests.has(folder),
    hasLost: (folder) => nests.has(folder) && nests.get(folder)?.identity !== identityOf(folder),
    had: (file) => nests.get(path.dirname(file))?.names.has(path.basename(file)) === true,
    close() {
      isOver = true;
      for (const { watcher } of nests.values()) watcher?.close();
      nests.clear();
    },
  };
}

/** Of the folder itself, not of its name; `undefined` if there is none. Numbers are given again, but not at the same time. */
function identityOf(folder: string): string | undefined {
  try {
    const { ino, birthtimeNs } = lstatSync(folder, { bigint: true });
    return `${ino} ${birthtimeNs}`;
  } catch {
    return undefined;
  }
}
