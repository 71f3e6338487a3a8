import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Pack, pack } from 'tar-stream';
import { drained } from '../streams/feed.ts';
import type { Ignore } from './dockerignore.ts';
import { unreadable, vanished } from './unreadable.ts';
import { openFolder, type WalkedEntry, walk } from './walk.ts';

export interface PackRequest {
  readonly directory: string;
  readonly ignore: Ignore;
  /** Files that the directory does not have, or that are ignored in it, by name in the context. */
  readonly extraFiles: ReadonlyMap<string, Buffer>;
}

/**
 * A folder as a tar stream for the builder: in an order that is always the same, owned by root, with symbolic links kept
 * as such. Files that vanish meanwhile are left out; one that grows or shrinks while it is read is cut or filled up to
 * the size it had. Nothing is read faster than the reader takes it. Fails with `unreadable-file`.
 */
export function packContext(request: PackRequest): Readable {
  return Readable.from(inLargeChunks(request), { objectMode: false, highWaterMark: chunkSize });
}

/** An entry of the tar that takes its contents piece by piece. */
type Writable = ReturnType<Pack['entry']>;

const chunkSize = 64 * 1024;
/** Files up to this size are read ahead as a whole, others in pieces when it is their turn. */
const smallSize = 128 * 1024;
const readAhead = 32;

/** A tar of many small files is many small pieces, each of which would be a write of its own. */
async function* inLargeChunks(request: PackRequest): AsyncGenerator<Buffer> {
  const tar = pack();
  fill(tar, request).catch((error: unknown) => tar.destroy(asError(error)));
  let gathered: Buffer[] = [];
  let size = 0;
  for await (const piece of tar as AsyncIterable<Buffer>) {
    gathered.push(piece);
    size += piece.length;
    if (size < chunkSize) continue;
    yield Buffer.concat(gathered, size);
    gathered = [];
    size = 0;
  }
  yield Buffer.concat(gathered, size);
}

async function fill(tar: Pack, { directory, ignore, extraFiles }: PackRequest): Promise<void> {
  const entries = walk(openFolder(directory), {
    ignored: (name) => extraFiles.has(name) || ignore.ignored(name),
    prunes: (name) => ignore.prunes(name),
  });
  for await (const entry of loadAhead(entries, (entry) => load(directory, entry))) {
    if (tar.destroying) return;
    if (entry === undefined) continue;
    if ('contents' in entry) await addWhole(tar, entry);
    else if ('path' in entry) await addInPieces(tar, entry);
    else await addWhole(tar, { ...entry, contents: Buffer.alloc(0) });
  }
  const mtime = new Date(0);
  for (const [name, contents] of extraFiles) {
    await addWhole(tar, { header: { name, type: 'file', mode: 0o644, mtime }, contents });
  }
  tar.finalize();
}

interface Header {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly mtime: Date;
  readonly linkname?: string;
}

type Loaded =
  | { readonly header: Header }
  | { readonly header: Header; readonly contents: Buffer }
  | { readonly header: Header; readonly path: string };

/** Gives `undefined` for what has vanished. */
async function load(directory: string, { name, kind }: WalkedEntry): Promise<Loaded | undefined> {
  const path = join(directory, name);
  try {
    if (kind === 'file') return await loadFile(path, name);
    const stats = await lstat(path);
    if (kind === 'folder') {
      return stats.isDirectory() ? { header: headerOf(`${name}/`, 'directory', stats) } : undefined;
    }
    return { header: { ...headerOf(name, 'symlink', stats), linkname: await readlink(path) } };
  } catch (error) {
    if (vanished(error)) return undefined;
    throw unreadable(path, error);
  }
}

async function loadFile(path: string, name: string): Promise<Loaded | undefined> {
  const handle = await openFile(path);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return undefined;
    const header = headerOf(name, 'file', stats);
    if (stats.size > smallSize) return { header, path };
    const contents = Buffer.alloc(stats.size);
    await readInto(handle, contents);
    return { header, contents };
  } finally {
    await handle.close();
  }
}

/** What was a file when the folder was read may be a link or a pipe by now: neither is followed or waited for. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

function headerOf(name: string, type: Header['type'], stats: Stats): Header {
  return { name, type, mode: stats.mode & 0o7777, mtime: stats.mtime };
}

/** Reads until the buffer is full; zeros stay where the file has ended. */
async function readInto(handle: FileHandle, buffer: Buffer): Promise<void> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled);
    if (bytesRead === 0) return;
    filled += bytesRead;
  }
}

function addWhole(tar: Pack, { header, contents }: { header: Header; contents: Buffer }): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (header.type === 'file') tar.entry({ ...header, size: contents.length }, contents, done);
    else tar.entry(header, done);
  });
}

async function addInPieces(tar: Pack, { header, path }: { header: Header; path: string }): Promise<void> {
  const handle = await openFile(path).catch((error: unknown) => {
    if (vanished(error)) return undefined;
    throw unreadable(path, error);
  });
  if (handle === undefined) return;
  try {
    const { size } = await handle.stat();
    await new Promise<void>((resolve, reject) => {
      const entry = tar.entry({ ...header, size }, (error) => (error ? reject(error) : resolve()));
      // The callback has heard of it.
      entry.on('error', () => {});
      copy(handle, size, entry).catch((error: unknown) => reject(unreadable(path, error)));
    });
  } finally {
    await handle.close();
  }
}

async function copy(from: FileHandle, size: number, to: Writable): Promise<void> {
  for (let left = size; left > 0 && !to.destroying; ) {
    const piece = Buffer.alloc(Math.min(left, chunkSize));
    await readInto(from, piece);
    left -= piece.length;
    if (!to.write(piece)) await drained(to);
  }
  to.end(undefined);
}

/** The results in order, a few of them being prepared while earlier ones are used. */
async function* loadAhead<T, R>(items: Iterable<T>, prepare: (item: T) => Promise<R>): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for (const item of items) {
    const result = prepare(item);
    // Whoever takes the result hears of the failure; until then it must not count as unhandled.
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length >= readAhead) yield await (underWay.shift() as Promise<R>);
  }
  for (const result of underWay) yield await result;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
