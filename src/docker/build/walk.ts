import { constants, type Dirent, lstatSync, readdirSync } from 'node:fs';
import type { Ignore } from './dockerignore.ts';
import { unreadable, vanished } from './unreadable.ts';

/** Something in a folder that is to be sent. Sockets, pipes and devices are never told. */
export interface WalkedEntry {
  /** Relative to the folder, with `/`. */
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'link';
  /** `undefined` for what is not there, or has become something else than can be sent. Throws `unreadable-file`. */
  look(): Looks | undefined;
  /**
   * The same for thousands, for which making an object takes longer than looking: writes `numbersOfLooks` numbers, the mode first.
   * False where there is nothing to be sent.
   */
  copyLook(numbers: Float64Array, at: number): boolean;
}

/** Mode, size, the two times and the place on disk. */
export const numbersOfLooks = 5;

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
 * ones is several times as fast; whoever asks again gets the same.
 */
export interface Folder {
  readonly directory: string;
  /**
   * What is in one of its folders, which is empty for itself; in the order of the bytes. Throws `unreadable-file`.
   */
  list(folder: string): readonly WalkedEntry[];
}

export function openFolder(directory: string): Folder {
  const listed = new Map<string, readonly WalkedEntry[]>();
  return {
    directory,
    list(folder) {
      let entries = listed.get(folder);
      if (entries === undefined) {
        entries = list(directory, folder);
        listed.set(folder, entries);
      }
      return entries;
    },
  };
}

interface Level {
  readonly entries: readonly WalkedEntry[];
  at: number;
  /** The ignored folder that these are in, which is told only once one of them is. */
  untold: WalkedEntry | undefined;
}

/** Everything in a folder that is not ignored, each folder before its contents, in an order that is always the same. */
export function* walk(folder: Folder, ignore: Ignore): Generator<WalkedEntry> {
  const levels: Level[] = [{ entries: folder.list(''), at: 0, untold: undefined }];
  for (let level = levels[0]; level !== undefined; level = levels.at(-1)) {
    const entry = level.entries[level.at++];
    if (entry === undefined) {
      levels.pop();
      continue;
    }
    const ignored = ignore.ignored(entry.name);
    if (!ignored) {
      for (const above of levels) {
        if (above.untold === undefined) continue;
        yield above.untold;
        above.untold = undefined;
      }
      yield entry;
    }
    if (entry.kind === 'folder' && !(ignored && ignore.prunes(entry.name)))
      levels.push({ entries: folder.list(entry.name), at: 0, untold: ignored ? entry : undefined });
  }
}

/** Lets others have their turn in between. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Shows all that was walked over, and lets others have their turn in between. Rejects if the signal is aborted by then. */
export async function showInTurns(
  walked: Iterable<WalkedEntry>,
  show: (entry: WalkedEntry) => void,
  signal?: AbortSignal,
): Promise<void> {
  let shown = 0;
  for (const entry of walked) {
    if (++shown % atOnce === 0) {
      await nextTurn();
      signal?.throwIfAborted();
    }
    show(entry);
  }
}

const atOnce = 500;

function list(directory: string, folder: string): readonly WalkedEntry[] {
  const path = folder === '' ? directory : `${directory}/${folder}`;
  const start = folder === '' ? '' : `${folder}/`;
  try {
    const all = readdirSync(path, { withFileTypes: true });
    const numbers = new Float64Array(all.length * numbersOfLooks);
    const found: Entry[] = [];
    for (const entry of all) {
      const kind = kindOf(entry);
      const at = found.length * numbersOfLooks;
      if (kind !== undefined) found.push(new Entry(directory, start + entry.name, kind, numbers, at));
    }
    return found.sort(found.some(({ name }) => rare.test(name)) ? compareBytes : compareTexts);
  } catch (error) {
    if (folder !== '' && vanished(error)) return [];
    throw unreadable(path, error);
  }
}

/**
 * What it looks like is kept as numbers, with those of its whole folder: thousands of objects that stay take the garbage collector
 * as long as it takes to look.
 */
class Entry implements WalkedEntry {
  readonly name: string;
  readonly kind: WalkedEntry['kind'];
  private readonly directory: string;
  private readonly numbers: Float64Array;
  private readonly at: number;

  constructor(directory: string, name: string, kind: WalkedEntry['kind'], numbers: Float64Array, at: number) {
    this.directory = directory;
    this.name = name;
    this.kind = kind;
    this.numbers = numbers;
    this.at = at;
  }

  look(): Looks | undefined {
    const { numbers, at } = this;
    const mode = this.mode();
    const kind = kindOfMode(mode);
    if (kind === undefined) return undefined;
    return {
      kind,
      mode,
      size: numbers[at + 1] ?? 0,
      mtimeMs: numbers[at + 2] ?? 0,
      ctimeMs: numbers[at + 3] ?? 0,
      ino: numbers[at + 4] ?? 0,
    };
  }

  copyLook(numbers: Float64Array, at: number): boolean {
    const mode = this.mode();
    for (let one = 0; one < numbersOfLooks; one++) numbers[at + one] = this.numbers[this.at + one] ?? 0;
    return kindOfMode(mode) !== undefined;
  }

  /** 0: it has not been looked at; 1: there is nothing. */
  private mode(): number {
    const { numbers, at } = this;
    if (numbers[at] === 0) lookAt(`${this.directory}/${this.name}`, numbers, at);
    return numbers[at] ?? 0;
  }
}

/** `undefined` for what cannot be sent. */
export function kindOfMode(mode: number): WalkedEntry['kind'] | undefined {
  return kinds.get(mode & constants.S_IFMT);
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

function lookAt(path: string, numbers: Float64Array, at: number): void {
  try {
    const stats = lstatSync(path, orNothing);
    numbers[at] = stats?.mode ?? 1;
    if (stats === undefined) return;
    numbers[at + 1] = stats.size;
    numbers[at + 2] = stats.mtimeMs;
    numbers[at + 3] = stats.ctimeMs;
    numbers[at + 4] = stats.ino;
  } catch (error) {
    if (!vanished(error)) throw unreadable(path, error);
    numbers[at] = 1;
  }
}

const orNothing = { throwIfNoEntry: false } as const;

const kinds: ReadonlyMap<number, WalkedEntry['kind']> = new Map([
  [constants.S_IFDIR, 'folder'],
  [constants.S_IFREG, 'file'],
  [constants.S_IFLNK, 'link'],
]);
