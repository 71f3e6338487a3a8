import { constants, type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Ignore } from './dockerignore.ts';
import { unreadable, vanished } from './unreadable.ts';

/** Something in a folder that is to be sent. Sockets, pipes and devices are never told. */
export interface WalkedEntry {
  /** Relative to the folder, with `/`. */
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'link';
}

/** What a file, folder or link looks like without being read. */
export interface Looks {
  readonly kind: WalkedEntry['kind'];
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

/**
 * A folder of this machine. Each part of it is looked at when it is first asked for, without waiting, which for many small
 * ones is several times as fast; whoever asks again gets the same. Throws `unreadable-file`.
 */
export interface Folder {
  readonly directory: string;
  /** What is in one of its folders, which is empty for itself; in the order of the bytes. */
  list(folder: string): readonly WalkedEntry[];
  /** `undefined` for what is not there, or has become something else than can be sent. */
  look(name: string): Looks | undefined;
}

export function openFolder(directory: string): Folder {
  const listed = new Map<string, readonly WalkedEntry[]>();
  const seen = new Map<string, Looks | undefined>();
  return {
    directory,
    list: (folder) => remembered(listed, folder, () => list(directory, folder)),
    look: (name) => remembered(seen, name, () => look(`${directory}/${name}`)),
  };
}

interface Level {
  readonly name: string;
  readonly entries: readonly WalkedEntry[];
  at: number;
  /** An ignored folder is told only once something in it is. */
  told: boolean;
}

/** Everything in a folder that is not ignored, each folder before its contents, in an order that is always the same. */
export function* walk(folder: Folder, ignore: Ignore): Generator<WalkedEntry> {
  const levels: Level[] = [{ name: '', entries: folder.list(''), at: 0, told: true }];
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
      levels.push({ name: entry.name, entries: folder.list(entry.name), at: 0, told: !ignored });
    }
  }
}

/** Lets others have their turn in between. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function remembered<T>(known: Map<string, T>, name: string, find: () => T): T {
  const found = known.get(name);
  if (found !== undefined || known.has(name)) return found as T;
  const now = find();
  known.set(name, now);
  return now;
}

function list(directory: string, folder: string): readonly WalkedEntry[] {
  const path = join(directory, folder);
  try {
    const found: WalkedEntry[] = [];
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const kind = kindOf(entry);
      if (kind !== undefined)
        found.push({ name: folder === '' ? entry.name : `${folder}/${entry.name}`, kind });
    }
    return found.sort(found.some(({ name }) => rare.test(name)) ? compareBytes : compareTexts);
  } catch (error) {
    if (folder !== '' && vanished(error)) return [];
    throw unreadable(path, error);
  }
}

function kindOf(entry: Dirent): WalkedEntry['kind'] | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : undefined;
}

/** The builder expects the order of the bytes, which for rare characters is another than that of texts. */
function compareBytes({ name: a }: WalkedEntry, { name: b }: WalkedEntry): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function compareTexts({ name: a }: WalkedEntry, { name: b }: WalkedEntry): number {
  return a < b ? -1 : 1;
}

const rare = /[^ -~]/;

function look(path: string): Looks | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    const kind = kinds.get((stats?.mode ?? 0) & constants.S_IFMT);
    if (stats === undefined || kind === undefined) return undefined;
    const { mode, size, mtimeMs, ctimeMs, ino } = stats;
    return { kind, mode, size, mtimeMs, ctimeMs, ino };
  } catch (error) {
    if (vanished(error)) return undefined;
    throw unreadable(path, error);
  }
}

const kinds: ReadonlyMap<number, WalkedEntry['kind']> = new Map([
  [constants.S_IFDIR, 'folder'],
  [constants.S_IFREG, 'file'],
  [constants.S_IFLNK, 'link'],
]);
