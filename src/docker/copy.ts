import { stat } from 'node:fs/promises';
import path from 'node:path';
import { failure } from '../model/problem.ts';
import type { CopyInRequest, CopyOutRequest, ReadFilesRequest } from '../model/streams.ts';
import { EngineRefusal } from './api.ts';
import { describePath, type PathDetails, readArchive, writeArchive } from './archive.ts';
import type { EngineHttp } from './http.ts';
import { packPath } from './pack.ts';
import { type Rename, renamed, unpack } from './unpack.ts';

/** Either side of a copy. A path keeps the `/` or `/.` at its end: both change what is meant. */
interface Side {
  readonly path: string;
  readonly kind: 'missing' | 'file' | 'folder';
}

/** See `EngineStreams.copyIn`. */
export async function copyIn(
  engine: EngineHttp,
  { container, source, destination, followLink, keepOwners }: CopyInRequest,
  signal: AbortSignal,
): Promise<void> {
  const to = await containerSide(engine, container, destination, signal);
  if (typeof source !== 'string') {
    if (to.kind !== 'folder')
      throw notPossible(`${destination} is no folder`, 'a tar is unpacked into a folder');
    return writeArchive(engine, { container, path: to.path, content: source, keepOwners }, signal);
  }
  const from = await packPath(source, { followLink });
  const { folder, rename } = place({ path: source, kind: from.kind }, to, from.name);
  const content = from.pack(rename);
  await writeArchive(engine, { container, path: folder, content, keepOwners }, signal);
}

/** See `EngineStreams.copyOut`. */
export async function copyOut(
  engine: EngineHttp,
  request: CopyOutRequest,
  signal: AbortSignal,
): Promise<void> {
  const to = await localSide(request.destination);
  const { details, content, name } = await openFiles(engine, request, signal);
  const kind = details.kind === 'folder' ? 'folder' : 'file';
  const { folder, rename } = place({ path: request.source, kind }, to, name);
  await unpack(content, folder, rename);
}

/** See `EngineStreams.readFiles`. */
export async function readFiles(
  engine: EngineHttp,
  request: ReadFilesRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  return (await openFiles(engine, request, signal)).content;
}

async function openFiles(
  engine: EngineHttp,
  { container, source, followLink }: ReadFilesRequest,
  signal: AbortSignal,
): Promise<{
  readonly details: PathDetails;
  readonly content: AsyncIterable<Buffer>;
  /** What its entries begin with. */
  readonly name: string;
}> {
  const link = followLink ? await describePath(engine, container, source, signal) : undefined;
  const real = link?.kind === 'link' ? withEnd(leadsTo(source, link), source) : source;
  try {
    const { details, content } = await readArchive(engine, container, real, signal);
    return { details, content, name: lastPart(real) };
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
    throw failure({
      code: 'missing-file',
      message: `there is no ${source} in the container`,
      cause: error.said,
    });
  }
}

/** What something is called at its new place, and the folder it is put into. `name` is what its entries begin with. */
function place(from: Side, to: Side, name: string): { readonly folder: string; readonly rename: Rename } {
  if (to.kind === 'folder') return { folder: to.path, rename: renamed(name, lastPart(from.path)) };
  if (to.kind === 'file' && from.kind === 'folder')
    throw notPossible(`${from.path} is a folder and ${to.path} is none`, 'copy it to another place');
  if (to.kind === 'missing' && from.kind === 'file' && namesFolder(to.path))
    throw notPossible(`there is no folder ${to.path}`, 'create it first');
  return {
    folder: path.posix.dirname(withoutEnd(to.path)),
    rename: renamed(name, path.posix.basename(withoutEnd(to.path))),
  };
}

async function containerSide(
  engine: EngineHttp,
  container: string,
  destination: string,
  signal: AbortSignal,
): Promise<Side> {
  const written = await describePath(engine, container, destination, signal);
  const real = written?.kind === 'link' ? leadsTo(destination, written) : destination;
  const there = real === destination ? written : await describePath(engine, container, real, signal);
  if (there === undefined) return { path: real, kind: 'missing' };
  if (there.kind === 'other') throw noFile(destination);
  return { path: real, kind: there.kind === 'folder' ? 'folder' : 'file' };
}

async function localSide(destination: string): Promise<Side> {
  const kindOf = async (place: string): Promise<Side['kind']> => {
    const stats = await stat(place).catch(() => undefined);
    if (stats === undefined) return 'missing';
    // A device must not be taken for a file that another one takes the place of.
    if (!stats.isDirectory() && !stats.isFile()) throw noFile(destination);
    return stats.isDirectory() ? 'folder' : 'file';
  };
  const kind = await kindOf(destination);
  if (kind !== 'missing') return { path: destination, kind };
  const parent = path.dirname(withoutEnd(destination));
  if ((await kindOf(parent)) !== 'folder')
    throw notPossible(`there is no folder ${parent}`, 'create it first');
  return { path: destination, kind };
}

function leadsTo(link: string, { target }: PathDetails): string {
  return path.posix.resolve('/', path.posix.dirname(withoutEnd(link)), target);
}

function namesFolder(text: string): boolean {
  return text.endsWith('/') || text.endsWith('/.');
}

/** The path with what the other one has at its end. */
function withEnd(text: string, like: string): string {
  return `${text}${/(?:\/\.?)?$/.exec(like)?.[0] ?? ''}`;
}

function withoutEnd(text: string): string {
  return path.posix.normalize(text).replace(/(?<=.)\/$/, '');
}

/** What a tar of it begins its names with; `.` for the contents of a folder, and nothing for those of the root. */
function lastPart(text: string): string {
  return /(?:^|\/)\.$/.test(text) ? '.' : path.posix.basename(withoutEnd(text));
}

function noFile(destination: string) {
  return notPossible(`${destination} is neither a folder nor a file`, 'copy it to another place');
}

function notPossible(message: string, hint: string) {
  return failure({ code: 'invalid-option', message, hint });
}
