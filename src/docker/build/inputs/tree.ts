import { createHash, hash } from 'node:crypto';
import { constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { isNoiseName } from '../../../model/noise.ts';
import { createIgnore, parseDockerignore } from '../dockerignore.ts';
import { unreadable as unreadableFile, vanished } from '../unreadable.ts';
import { walk } from '../walk.ts';
import { type KnownDigest, openDigests } from './digests.ts';

/** What a build sees of each file in a folder, by name relative to it with `/`. Equal texts are equal files. */
export type Tree = Readonly<Record<string, string>>;

export interface TreeRequest {
  readonly directory: string;
  /** What the ignore file says. */
  readonly ignoreText: string;
  /** Milliseconds since 1970: what has changed since then is `unsteady`. */
  readonly began?: number;
  readonly signal: AbortSignal;
}

/** Of a file that changed while a build may have read it: nobody knows what the build got. Equals nothing. */
export const unsteady = 'unsteady';

/**
 * Digests of all that a folder gives to a build: contents, whether a file can be executed, where links lead. Who owns it,
 * when it was written and who else may read it does not count, nor what editors and git leave beside the files. A file is
 * read only if it has another size, time or place on disk than when it was read last. What cannot be read is a text of its own:
 * the build will tell. Fails with `unreadable-file` for a folder that cannot be read.
 */
export async function readTree({
  directory,
  ignoreText,
  began = Infinity,
  signal,
}: TreeRequest): Promise<Tree> {
  const ignore = createIgnore(parseDockerignore(ignoreText));
  const known = await openDigests(directory);
  const tree: Record<string, string> = {};
  const toRead: { readonly name: string; readonly stats: Stats }[] = [];
  // Clocks of file systems go by ticks.
  const steady = began - tick;
  let looked = 0;
  const entries = walk(directory, {
    ignored: (name) => isNoiseName(path.posix.basename(name)) || ignore.ignored(name),
    prunes: (name) => isNoiseName(path.posix.basename(name)) || ignore.prunes(name),
  });
  for await (const { name, kind } of entries) {
    // Looking at files one by one without waiting is several times as fast; others get their turn in between.
    if (++looked % atOnce === 0) await nextTurn(signal);
    const file = path.join(directory, name);
    const stats = look(file);
    if (stats === undefined) continue;
    if (stats.ctimeMs >= steady) tree[name] = unsteady;
    else if (kind === 'folder') tree[name] = 'folder';
    else if (kind === 'link') tree[name] = linkAt(file);
    else {
      const digest = known.find(name, stats);
      if (digest === undefined) toRead.push({ name, stats });
      else tree[name] = seen(digest, stats);
    }
  }
  for (let from = 0; from < toRead.length; from += readers) {
    signal.throwIfAborted();
    await Promise.all(
      toRead.slice(from, from + readers).map(async ({ name, stats }) => {
        const digest = await digestOf(path.join(directory, name), stats);
        tree[name] = digest === undefined ? unsteady : seen(digest, stats);
        if (digest !== undefined && digest !== unreadable) known.add(name, stats, digest);
      }),
    );
  }
  await known.keep();
  return tree;
}

const tick = 10;
const atOnce = 500;
const readers = 16;
/** Larger files are read in pieces. */
const wholeSize = 1024 * 1024;
const unreadable = 'unreadable';

function look(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (vanished(error)) return undefined;
    throw unreadableFile(file, error);
  }
}

async function nextTurn(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}

function seen(digest: KnownDigest, { mode }: Stats): string {
  return (mode & 0o111) === 0 ? digest : `${digest} executable`;
}

function linkAt(file: string): string {
  try {
    return `-> ${readlinkSync(file)}`;
  } catch {
    return unsteady;
  }
}

/** `undefined` for one that is not any more what it was. */
async function digestOf(file: string, before: Stats): Promise<KnownDigest | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const digest = before.size > wholeSize ? await inPieces(handle) : await whole(handle);
      const after = await handle.stat();
      const isSame = after.isFile() && after.size === before.size && after.ctimeMs === before.ctimeMs;
      return isSame ? digest : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    return vanished(error) ? undefined : unreadable;
  }
}

async function whole(handle: FileHandle): Promise<KnownDigest> {
  return shortened(hash('sha256', await handle.readFile(), 'base64url'));
}

async function inPieces(handle: FileHandle): Promise<KnownDigest> {
  const sum = createHash('sha256');
  for await (const piece of handle.createReadStream({ autoClose: false, highWaterMark: wholeSize })) {
    sum.update(piece);
  }
  return shortened(sum.digest('base64url'));
}

/** 132 bits are enough to tell files apart that nobody makes to be mistaken. */
export function shortened(digest: string): string {
  return digest.slice(0, 22);
}
