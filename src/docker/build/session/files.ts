import { closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import path from 'node:path';
import { GrpcFailure, grpcCode } from '../grpc/grpc.ts';
import { decodeMessage, encodeMessage } from '../grpc/protobuf.ts';
import type { IncomingCall, Methods } from '../grpc/server.ts';
import { unreadable, vanished } from '../unreadable.ts';
import { type Folder, type Looks, nextTurn, walk } from '../walk.ts';
import { unwantedIn } from './folder.ts';

/** What the builder may read: a folder of this machine, or files by name that are on no disk. */
export type SharedFolder = string | ReadonlyMap<string, Buffer>;

/**
 * Gives the builder the folders that it asks for by name. It is told what there is, and asks for the contents of what is
 * other than what it got the last time: of a folder in which one file has changed that file alone is sent.
 *
 * Everything is owned by root. What vanishes meanwhile is left out, or empty. Fails with `unreadable-file`.
 */
export function shareFolders(
  folders: Readonly<Record<string, SharedFolder>>,
  open: (directory: string) => Folder,
): Methods {
  return {
    '/moby.filesync.v1.FileSync/DiffCopy': async (call) => {
      const [name = ''] = values(call, 'dir-name');
      const shared = folders[name];
      if (shared === undefined) throw new GrpcFailure(grpcCode.notFound, `no folder ${name} is shared`);
      return diffCopy(call, typeof shared === 'string' ? onDisk(open(shared), call) : inMemory(shared));
    },
  };
}

/** What a packet is about. */
const kind = { stat: 0, request: 1, data: 2, finish: 3, error: 4 } as const;
const chunkSize = 32 * 1024;

/** Something the builder has been told of: what it may ask the contents of is a file of this machine, or bytes. */
interface Told {
  readonly stat: Stat;
  readonly contents?: FileOfMachine | Buffer;
}

interface FileOfMachine {
  readonly file: string;
  /** That it had when it was looked at. */
  readonly size: number;
}

/** As the builder's own language has it. */
interface Stat {
  readonly path: string;
  readonly mode: number;
  readonly size?: number;
  /** Nanoseconds since 1970. */
  readonly modified: number;
  readonly link?: string;
}

async function diffCopy(call: IncomingCall, entries: AsyncIterable<Told>): Promise<void> {
  const contents: Told['contents'][] = [];
  const out = createOutbox(call);
  try {
    // Requests come while the telling still goes on.
    await Promise.all([tellAll(out, entries, contents), answerRequests(call, out, contents)]);
    out.put(encodePacket(kind.finish, {}));
  } catch (error) {
    // The reader takes this for the reason.
    const data = Buffer.from(error instanceof Error ? error.message : String(error));
    out.put(encodePacket(kind.error, { data }));
    throw error;
  } finally {
    await out.flush();
  }
}

/** Packets on their way: many small ones are one write. */
interface Outbox {
  /** The packet goes with those that follow, if any do in this turn; what comes out is to be waited for before more are put. */
  put(packet: Uint8Array): Promise<void> | undefined;
  flush(): Promise<void>;
}

const batchSize = 64 * 1024;

function createOutbox(call: IncomingCall): Outbox {
  let held: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (held.length === 0) return;
    const packets = held;
    held = [];
    size = 0;
    await call.send(...packets);
  };
  return {
    flush,
    put(packet) {
      if (held.length === 0) setImmediate(() => void flush());
      held.push(packet);
      size += packet.length;
      return size < batchSize ? undefined : Promise.all([flush(), nextTurn()]).then(() => {});
    },
  };
}

async function tellAll(
  out: Outbox,
  entries: AsyncIterable<Told>,
  contents: Told['contents'][],
): Promise<void> {
  for await (const { stat, contents: own } of entries) {
    contents.push(own);
    await out.put(encodePacket(kind.stat, { stat: encodeStat(stat) }));
  }
  await out.put(encodePacket(kind.stat, {}));
}

async function answerRequests(
  call: IncomingCall,
  out: Outbox,
  contents: readonly Told['contents'][],
): Promise<void> {
  for await (const message of call.messages) {
    const packet = decodeMessage(message);
    const asked = packet.number(1);
    if (asked === kind.finish) return;
    if (asked === kind.error) throw new Error(packet.text(4));
    if (asked === kind.request) await sendContents(out, packet.number(3), contents[packet.number(3)]);
  }
}

/** The end of the contents is a packet without any. */
async function sendContents(out: Outbox, id: number, contents: Told['contents']): Promise<void> {
  const pieces =
    contents === undefined ? [] : contents instanceof Uint8Array ? [contents] : readPieces(contents);
  for (const data of pieces) await out.put(encodePacket(kind.data, { id, data }));
  await out.put(encodePacket(kind.data, { id }));
}

/** Reading without waiting, piece by piece, is several times as fast where many small files are asked for. */
function* readPieces({ file, size }: FileOfMachine): Generator<Buffer> {
  let opened: number;
  try {
    opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (vanished(error)) return;
    throw unreadable(file, error);
  }
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(Math.min(size + 1, chunkSize));
      const bytesRead = readSync(opened, piece);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    closeSync(opened);
  }
}

async function* onDisk(folder: Folder, call: IncomingCall): AsyncGenerator<Told> {
  const unwanted = await unwantedIn(folder.directory, {
    includes: values(call, 'include-patterns'),
    excludes: values(call, 'exclude-patterns'),
    follows: values(call, 'followpaths'),
  });
  for (const entry of walk(folder, unwanted)) {
    const looks = entry.look();
    const told = looks === undefined ? undefined : toldOf(folder, entry.name, looks);
    if (told !== undefined) yield told;
  }
}

function toldOf({ directory }: Folder, name: string, looks: Looks): Told | undefined {
  const file = path.join(directory, name);
  // Only natural numbers can be told: what is older than 1970 is of its first moment.
  const modified = Math.max(Math.round(looks.mtimeMs * 1e6), 0);
  const stat = { path: name, mode: goMode(looks), modified };
  const { kind: what, size } = looks;
  if (what === 'file') return { stat: { ...stat, size }, contents: { file, size } };
  if (what === 'folder') return { stat };
  try {
    return { stat: { ...stat, link: readlinkSync(file) } };
  } catch (error) {
    if (vanished(error)) return undefined;
    throw unreadable(file, error);
  }
}

async function* inMemory(files: ReadonlyMap<string, Buffer>): AsyncGenerator<Told> {
  for (const name of [...files.keys()].toSorted()) {
    const contents = files.get(name) ?? Buffer.alloc(0);
    yield { stat: { path: name, mode: 0o644, size: contents.length, modified: 0 }, contents };
  }
}

/** Permissions are the same everywhere; what else is in a mode has other bits in Go. */
function goMode({ kind: what, mode }: Looks): number {
  const type = what === 'folder' ? 2 ** 31 : what === 'link' ? 2 ** 27 : 0;
  // The user's id, the group's id, and the sticky bit.
  const special = [
    [0o4000, 2 ** 23],
    [0o2000, 2 ** 22],
    [0o1000, 2 ** 20],
  ] as const;
  return special.reduce((sum, [bit, own]) => sum + (mode & bit ? own : 0), type + (mode & 0o777));
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

function encodePacket(
  type: number,
  { stat, id, data }: { readonly stat?: Buffer; readonly id?: number; readonly data?: Buffer },
): Buffer {
  return encodeMessage([
    [1, type],
    [2, stat],
    [3, id],
    [4, data],
  ]);
}

/** Values that not every header can carry are written like parts of a query. */
function values(call: IncomingCall, name: string): readonly string[] {
  const [encoded] = call.metadata(`${name}-encoded`);
  const found = call.metadata(name);
  return encoded === '1' ? found.map((value) => decodeURIComponent(value.replaceAll('+', ' '))) : found;
}
