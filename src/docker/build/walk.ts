import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ignore } from './dockerignore.ts';
import { unreadable, vanished } from './unreadable.ts';

/** Something in a folder that is to be sent. Sockets, pipes and devices are never told. */
export interface WalkedEntry {
  /** Relative to the folder, with `/`. */
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'link';
}

interface Level {
  readonly name: string;
  readonly entries: readonly WalkedEntry[];
  at: number;
  /** An ignored folder is told only once something in it is. */
  told: boolean;
}

/** Everything in a folder that is not ignored, each folder before its contents, in an order that is always the same. */
export async function* walk(directory: string, ignore: Ignore): AsyncGenerator<WalkedEntry> {
  const levels: Level[] = [{ name: '', entries: await list(directory, ''), at: 0, told: true }];
  for (;;) {
    const level = levels.at(-1);
    if (level === undefined) return;
    const entry = level.entries[level.at++];
    if (entry === undefined) {
      levels.pop();
      continue;
    }
    const ignored = ignore.ignored(entry.name);
    if (!ignored) {
      for (const above of levels) {
        if (!above.told) yield { name: above.name, kind: 'folder' };
        above.told = true;
      }
      yield entry;
    }
    if (entry.kind === 'folder' && !(ignored && ignore.prunes(entry.name))) {
      levels.push({ name: entry.name, entries: await list(directory, entry.name), at: 0, told: !ignored });
    }
  }
}

async function list(directory: string, folder: string): Promise<WalkedEntry[]> {
  const path = join(directory, folder);
  try {
    const found = await readdir(path, { withFileTypes: true });
    return found
      .flatMap((entry): WalkedEntry[] => {
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) return [{ name, kind: 'folder' }];
        if (entry.isFile()) return [{ name, kind: 'file' }];
        return entry.isSymbolicLink() ? [{ name, kind: 'link' }] : [];
      })
      .sort((a, b) => compareBytes(a.name, b.name));
  } catch (error) {
    if (folder !== '' && vanished(error)) return [];
    throw unreadable(path, error);
  }
}

/** The builder expects the order of the bytes, which for rare characters is another than that of texts. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  return rare.test(a) || rare.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}

const rare = /[^ -~]/;
