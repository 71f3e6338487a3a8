import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import path from 'node:path';
import { GrpcFailure, grpcCode } from '../grpc/grpc.ts';
import { decodeMessage, encodeMessage } from '../grpc/protobuf.ts';
import type { IncomingCall, Methods } from '../grpc/server.ts';
import { unreadable, vanished } from '../unreadable.ts';
import { type WalkedEntry, walk } from '../walk.ts';
import { unwantedIn } from './folder.ts';

/** What the builder may read: a folder of this machine, or files by name that are on no disk. */
export type SharedFolder = string | ReadonlyMap<string, Buffer>;

/**
 * Gives the builder the folders that it asks for by name. It is told what there is, and asks for the contents of what is
 * other than what it got the last time: of a folder in which one file has changed that file alone is sent.
 *
 * Everything is owned by root. What vanishes meanwhile is left out, or empty. Fails with `unreadable-file`.
 */
export function shareFolders(folders: Readonly<Record<string, SharedFolder>>): Methods {
  return { '/moby.filesync.v1.FileSync/DiffCopy': (call) => diffCopy(call, folders) };
}

/** What a packet is about. */
const kind = { stat: 0, request: 1, data: 2, finish: 3, error: 4 } as const;
const chunkSize = 32 * 1024;

/** Something the builder has been told of: what it may ask the contents of is a file of this machine, or bytes. */
interface Told {
  readonly stat: Stat;
  readonly contents?: string | Buffer;
}

/** As the builder's own language has it. */
interface Stat {
  readonly path: string;
  readonly mode: number;
  readonly size?: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  readonly link?: string;
}

async function diffCopy(call: IncomingCall, folders: Readonly<Record<string, SharedFolder>>): Promise<void> {
  const [name = ''] = values(call, 'dir-name');
  const folder = folders[name];
  if (folder === undefined) throw new GrpcFailure(grpcCode.notFound, `no folder ${name} is shared`);
  const contents: Told['contents'][] = [];
  try {
    // Requests come while the telling still goes on.
    await Promise.all([
      tellAll(call, typeof folder === 'string' ? onDisk(folder, call) : inMemory(folder), contents),
      answerRequests(call, contents),
    ]);
    await sendPacket(call, kind.finish, {});
  } catch (error) {
    // The reader takes this for the reason.
    const data = Buffer.from(error instanceof Error ? error.message : String(error));
    await sendPacket(call, kind.error, { data });
    throw error;
  }
}

async function tellAll(
  call: IncomingCall,
  entries: AsyncIterable<Told>,
  contents: Told['contents'][],
): Promise<void> {
  for await (const { stat, contents: own } of entries) {
    contents.push(own);
    await sendPacket(call, kind.stat, { stat: encodeStat(stat) });
  }
  await sendPacket(call, kind.stat, {});
}

async function answerRequests(call: IncomingCall, contents: readonly Told['contents'][]): Promise<void> {
  for await (const message of call.messages) {
    const packet = decodeMessage(message);
    const asked = packet.number(1);
    if (asked === kind.finish) return;
    if (asked === kind.error) throw new Error(packet.text(4));
    if (asked === kind.request) await sendContents(call, packet.number(3), contents[packet.number(3)]);
  }
}

/** The end of the contents is a packet without any. */
async function sendContents(call: IncomingCall, id: number, contents: Told['contents']): Promise<void> {
  const pieces =
    typeof contents === 'string' ? readPieces(contents) : contents === undefined ? [] : [contents];
  for await (const data of pieces) await sendPacket(call, kind.data, { id, data });
  await sendPacket(call, kind.data, { id });
}

async function* readPieces(file: string): AsyncGenerator<Buffer> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (vanished(error)) return;
    throw unreadable(file, error);
  }
  try {
    for (;;) {
      const piece = Buffer.alloc(chunkSize);
      const { bytesRead } = await handle.read(piece, 0, chunkSize);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
}

async function* onDisk(folder: string, call: IncomingCall): AsyncGenerator<Told> {
  const unwanted = await unwantedIn(folder, {
    includes: values(call, 'include-patterns'),
    excludes: values(call, 'exclude-patterns'),
    follows: values(call, 'followpaths'),
  });
  for await (const entry of walk(folder, unwanted)) {
    const told = await look(folder, entry);
    if (told !== undefined) yield told;
  }
}

async function look(folder: string, { name, kind: was }: WalkedEntry): Promise<Told | undefined> {
  const file = path.join(folder, name);
  try {
    const stats = await lstat(file, { bigint: false });
    const stat = { path: name, modified: BigInt(Math.round(stats.mtimeMs * 1e6)) };
    const mode = goMode(stats);
    if (was === 'folder') return stats.isDirectory() ? { stat: { ...stat, mode } } : undefined;
    if (was === 'link') return { stat: { ...stat, mode, link: await readlink(file) } };
    return stats.isFile() ? { stat: { ...stat, mode, size: stats.size }, contents: file } : undefined;
  } catch (error) {
    if (vanished(error)) return undefined;
    throw unreadable(file, error);
  }
}

async function* inMemory(files: ReadonlyMap<string, Buffer>): AsyncGenerator<Told> {
  for (const name of [...files.keys()].toSorted()) {
    const contents = files.get(name) ?? Buffer.alloc(0);
    yield { stat: { path: name, mode: 0o644, size: contents.length, modified: 0n }, contents };
  }
}

/** Permissions are the same everywhere; what else is in a mode has other bits in Go. */
function goMode(stats: Stats): number {
  const type = stats.isDirectory() ? 2 ** 31 : stats.isSymbolicLink() ? 2 ** 27 : 0;
  // The user's id, the group's id, and the sticky bit.
  const special = [
    [0o4000, 2 ** 23],
    [0o2000, 2 ** 22],
    [0o1000, 2 ** 20],
  ] as const;
  return special.reduce((sum, [bit, own]) => sum + (stats.mode & bit ? own : 0), type + (stats.mode & 0o777));
}

function encodeStat({ path: name, mode, size, modified, link }: Stat): Buffer {
  return encodeMessage([
    [1, name],
    [2, mode],
    [5, size],
    [6, modified],
    [7, link],
  ]);
}

function sendPacket(
  call: IncomingCall,
  type: number,
  { stat, id, data }: { readonly stat?: Buffer; readonly id?: number; readonly data?: Buffer },
): Promise<void> {
  return call.send(
    encodeMessage([
      [1, type],
      [2, stat],
      [3, id],
      [4, data],
    ]),
  );
}

/** Values that not every header can carry are written like parts of a query. */
function values(call: IncomingCall, name: string): readonly string[] {
  const [encoded] = call.metadata(`${name}-encoded`);
  const found = call.metadata(name);
  return encoded === '1' ? found.map((value) => decodeURIComponent(value.replaceAll('+', ' '))) : found;
}
