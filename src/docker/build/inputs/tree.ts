import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { isNoiseName } from '../../../model/noise.ts';
import { createIgnore, parseDockerignore } from '../dockerignore.ts';
import { vanished } from '../unreadable.ts';
import {
  type Folder,
  kindOfMode,
  type Looks,
  nextTurn,
  numbersOfLooks,
  showInTurns,
  type WalkedEntry,
  walk,
} from '../walk.ts';
import { coarsest, type Digests, type KnownDigest, openDigests } from './digests.ts';

/** What a build sees of each file in a folder, by name relative to it with `/`. Equal texts are equal files. */
export type Tree = Readonly<Record<string, string>>;

/** What there is to see of a folder. Files are read only for what is asked about them. */
export interface SeenFolder {
  /** What editors and git leave there, and a build gets nevertheless; of folders nothing that is in them. */
  readonly passedOver: readonly string[];
  /** A digest of who may do what with its files and folders, which comes into an image, too. */
  rights(): string;
  /**
   * Digests of all that it gives to a build: contents, whether a file can be executed, where links lead. A file is read only if
   * it has another size, time or place on disk than when it was read last. What cannot be read is a text of its own: the build
   * will tell.
   */
  tree(): Promise<Tree>;
  /**
   * The snapshot by which it is known from now on, if the tree and the rights are surely those that they were then: another one
   * where something in it need not be read again any more. `undefined` if they may not be.
   */
  knownBy(snapshot: Snapshot): Promise<Snapshot | undefined>;
  /** `undefined` where too much is too new. */
  snapshot(): Promise<Snapshot | undefined>;
}

/** By which a folder is known again without the digests of its files. */
export interface Snapshot {
  /** A digest of what all looked like: size, times and place on disk; of folders, and of what is recent, the rights alone. */
  readonly looks: string;
  /** What was so new that it may have changed once more without looking different. */
  readonly recent: Tree;
  /** What those of them looked like that were read again once they were not new any more. */
  readonly since?: Readonly<Record<string, string>>;
}

export interface TreeRequest {
  readonly folder: Folder;
  /** What the ignore file says. */
  readonly ignoreText: string;
  /** Milliseconds since 1970: what has changed since then is `unsteady`. */
  readonly began?: number;
  readonly signal: AbortSignal;
}

/** Of a file that changed while a build may have read it: nobody knows what the build got. Equals nothing. */
export const unsteady = 'unsteady';

/**
 * Looks at all that a folder gives to a build. Who owns it, when it was written and who else may read it does not count, nor
 * what editors and git leave beside the files: these two are told beside it. Fails with `unreadable-file` for a folder that cannot
 * be read.
 */
export async function seeFolder(request: TreeRequest): Promise<SeenFolder> {
  const { folder, began = Infinity, signal } = request;
  const { directory } = folder;
  // Clocks of file systems go by ticks.
  const steady = began - tick;
  const old = Date.now() - coarsest;
  const { entries, passedOver } = await gather(request);
  const isUnsteady = (looks: Looks): boolean => looks.ctimeMs >= steady;
  const isRecent = (looks: Looks): boolean =>
    isUnsteady(looks) || (looks.kind !== 'folder' && newest(looks) > old);
  const few = (some: readonly Seen[]): Promise<Tree> => readTexts(directory, some, isUnsteady, signal);
  let all: Promise<Tree> | undefined;
  return {
    passedOver,
    rights: () => digest(entries.map((entry) => `${entry.name} ${entry.look().mode & 0o7777}`).join('\0')),
    tree() {
      all ??= readTexts(directory, entries, isUnsteady, signal, openDigests(directory));
      return all;
    },
    async knownBy(snapshot) {
      const { looks, recent, since = {} } = snapshot;
      const names = new Set(Object.keys(recent));
      const were: Seen[] = [];
      const wasRecent = (entry: Seen): boolean => {
        const isOne = names.has(entry.name);
        if (isOne) were.push(entry);
        return isOne;
      };
      if (looksOf(entries, wasRecent) !== looks) return undefined;
      const some = were.filter((entry) => since[entry.name] !== lookOf(entry));
      const now = await few(some);
      if (!some.every(({ name }) => now[name] === recent[name] && now[name] !== unsteady)) return undefined;
      const settled = some.filter((entry) => !isRecent(entry.look()));
      if (settled.length === 0) return snapshot;
      const more = settled.map((entry) => [entry.name, lookOf(entry)] as const);
      return { ...snapshot, since: { ...since, ...Object.fromEntries(more) } };
    },
    async snapshot() {
      const read = await all;
      const isToBeRead = (entry: Seen): boolean => {
        const text = read?.[entry.name];
        return isRecent(entry.look()) || text === unsteady || text === unreadable;
      };
      const some = entries.filter(isToBeRead);
      if (some.length > mostRecent) return undefined;
      const now = read ?? (await few(some));
      return {
        looks: looksOf(entries, isToBeRead),
        recent: Object.fromEntries(some.map(({ name }) => [name, now[name] ?? unsteady])),
      };
    },
  };
}

/** What was there when it was first looked at. */
interface Seen extends WalkedEntry {
  look(): Looks;
}

function isThere(entry: WalkedEntry): entry is Seen {
  return entry.copyLook(scratch, 0);
}

const scratch = new Float64Array(numbersOfLooks);

async function gather({
  folder,
  ignoreText,
  signal,
}: TreeRequest): Promise<{ readonly entries: readonly Seen[]; readonly passedOver: readonly string[] }> {
  const ignore = createIgnore(parseDockerignore(ignoreText));
  const entries: Seen[] = [];
  const passedOver: string[] = [];
  const found = walk(folder, {
    ignored(name) {
      if (ignore.ignored(name)) return true;
      const isNoise = isNoiseName(lastOf(name));
      if (isNoise) passedOver.push(name);
      return isNoise;
    },
    prunes: (name) => isNoiseName(lastOf(name)) || ignore.prunes(name),
  });
  const see = (entry: WalkedEntry): void => {
    if (isThere(entry)) entries.push(entry);
  };
  await showInTurns(found, see, signal);
  return { entries, passedOver };
}

/** The last part of a name; what Node has for that takes its time with ten thousand. */
function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

async function readTexts(
  directory: string,
  entries: readonly Seen[],
  isUnsteady: (looks: Looks) => boolean,
  signal: AbortSignal,
  known?: Digests,
): Promise<Tree> {
  const tree: Record<string, string> = {};
  const toRead: Seen[] = [];
  for (const entry of entries) {
    const { name } = entry;
    const looks = entry.look();
    if (isUnsteady(looks)) tree[name] = unsteady;
    else if (looks.kind === 'folder') tree[name] = 'folder';
    else if (looks.kind === 'link') tree[name] = linkAt(path.join(directory, name));
    else {
      const before = known?.find(name, looks);
      if (before === undefined) toRead.push(entry);
      else tree[name] = seen(before, looks);
    }
  }
  for (let from = 0; from < toRead.length; from += readers) {
    signal.throwIfAborted();
    await nextTurn();
    await Promise.all(
      toRead.slice(from, from + readers).map(async (entry) => {
        const { name } = entry;
        const looks = entry.look();
        const now = await digestOf(path.join(directory, name), looks);
        tree[name] = now === undefined ? unsteady : seen(now, looks);
        if (now !== undefined && now !== unreadable) known?.add(name, looks, now);
      }),
    );
  }
  await known?.keep();
  return tree;
}

function lookOf(entry: Seen): string {
  const { mode, size, mtimeMs, ctimeMs, ino } = entry.look();
  return [mode, size, mtimeMs, ctimeMs, ino].join(' ');
}

/** Of what is recent, and of folders, the name and the rights alone. */
function looksOf(entries: readonly Seen[], isRecent: (entry: Seen) => boolean): string {
  const numbers = new Float64Array(entries.length * numbersOfLooks);
  let at = 0;
  for (const entry of entries) {
    entry.copyLook(numbers, at);
    const end = at + numbersOfLooks;
    if (kindOfMode(numbers[at] ?? 0) === 'folder' || isRecent(entry)) numbers.fill(0, at + 1, end);
    at = end;
  }
  const names = entries.map(({ name }) => name).join('\0');
  return digest(Buffer.concat([Buffer.from(names), new Uint8Array(numbers.buffer)]));
}

function newest({ mtimeMs, ctimeMs }: Looks): number {
  return Math.max(mtimeMs, ctimeMs);
}

/** More of them are no less work than all. */
const mostRecent = 500;
const tick = 10;
const readers = 16;
/** Larger files are read by other threads. */
const smallSize = 64 * 1024;
/** Larger files are read in pieces. */
const wholeSize = 1024 * 1024;
const unreadable = 'unreadable';

function seen(digest: KnownDigest, { mode }: Looks): string {
  return (mode & 0o111) === 0 || digest === unreadable ? digest : `${digest} executable`;
}

function linkAt(file: string): string {
  try {
    return `-> ${readlinkSync(file)}`;
  } catch {
    return unsteady;
  }
}

/** `undefined` for one that is not any more what it was. */
async function digestOf(file: string, before: Looks): Promise<KnownDigest | undefined> {
  if (before.size <= smallSize) return digestOfSmall(file, before);
  try {
    const handle = await open(file, asItIs);
    try {
      const digest = before.size > wholeSize ? await inPieces(handle) : await whole(handle);
      return isAsBefore(await handle.stat(), before) ? digest : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    return vanished(error) ? undefined : unreadable;
  }
}

/** To arrange that other threads read it takes longer than to do so. */
function digestOfSmall(file: string, before: Looks): KnownDigest | undefined {
  try {
    const opened = openSync(file, asItIs);
    try {
      const read = digest(readFileSync(opened));
      return isAsBefore(fstatSync(opened), before) ? read : undefined;
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    return vanished(error) ? undefined : unreadable;
  }
}

function isAsBefore(after: Stats, before: Looks): boolean {
  return after.isFile() && after.size === before.size && after.ctimeMs === before.ctimeMs;
}

/** Through no link, and without waiting for who writes into a pipe. */
const asItIs = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function whole(handle: FileHandle): Promise<KnownDigest> {
  return digest(await handle.readFile());
}

async function inPieces(handle: FileHandle): Promise<KnownDigest> {
  const sum = createHash('sha256');
  for await (const piece of handle.createReadStream({ autoClose: false, highWaterMark: wholeSize })) {
    sum.update(piece);
  }
  return shortened(sum.digest('base64url'));
}

/** Of what a build sees, as short as it may be. */
export function digest(data: string | Uint8Array): string {
  return shortened(hash('sha256', data, 'base64url'));
}

/** 132 bits are enough to tell files apart that nobody makes to be mistaken. */
function shortened(digest: string): string {
  return digest.slice(0, 22);
}
