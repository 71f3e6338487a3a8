import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** A folder to watch, as it was asked for and where it really is. */
export interface Root {
  readonly folder: string;
  readonly real: string;
}

/** A folder that does not exist yet is expected where it was asked for. */
export async function findRoots(folders: readonly string[]): Promise<Root[]> {
  return Promise.all(
    folders.map(async (folder) => ({ folder, real: await realpath(folder).catch(() => folder) })),
  );
}

/** A real path in the words of those who asked: one for each folder it is in. */
export function* askedPaths(roots: readonly Root[], file: string): Generator<{ root: Root; asked: string }> {
  for (const root of roots) {
    if (file === root.real) yield { root, asked: root.folder };
    else if (file.startsWith(root.real + path.sep)) {
      yield { root, asked: root.folder + file.slice(root.real.length) };
    }
  }
}

/** Whether it is inside one of the folders, at any depth. */
export function isBelow(folders: ReadonlySet<string>, file: string): boolean {
  for (
    let inner = file, place = path.dirname(file);
    place !== inner;
    inner = place, place = path.dirname(place)
  )
    if (folders.has(place)) return true;
  return false;
}
