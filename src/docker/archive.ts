import { Readable } from 'node:stream';
import { EngineRefusal, openStream, readRefusal } from './api.ts';
import type { EngineAnswer, EngineHttp } from './http.ts';
import { within } from './within.ts';

/** The engine's own way of handing files over: a tar of what is at a path, and a tar for a folder. */

export interface PathDetails {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** What a link points to, as it is written. */
  readonly target: string;
  /** Bytes. */
  readonly size: number;
  /** When it was changed, as the engine writes times. */
  readonly modified: string;
}

/** What is at a path of a container; `undefined` if there is nothing. A symbolic link is not followed. */
export async function describePath(
  engine: EngineHttp,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<PathDetails | undefined> {
  const answer = await within(engine.patience, `HEAD ${at(container)}`, signal, (until) =>
    engine.request({ method: 'HEAD', path: at(container), query: { path }, signal: until }),
  );
  answer.body.resume();
  if (answer.status === 404 && answer.headers[detailsHeader] === undefined) return undefined;
  // The answer to such a request has no text.
  if (answer.status >= 300) throw new EngineRefusal(answer.status, `${path} cannot be looked at`);
  return detailsOf(answer);
}

/** What is at a path of a container, its entries named by the last part of the path. */
export async function readArchive(
  engine: EngineHttp,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly details: PathDetails; readonly content: AsyncIterable<Buffer> }> {
  const answer = await engine.request({ method: 'GET', path: at(container), query: { path }, signal });
  if (answer.status >= 300) throw await readRefusal(answer);
  return { details: detailsOf(answer), content: answer.body as AsyncIterable<Buffer> };
}

export interface WriteArchive {
  readonly container: string;
  /** The folder to unpack into. */
  readonly path: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly keepOwners: boolean;
  /** A file may take the place of a folder, with all in it, and a folder that of a file. */
  readonly replaceFolders?: boolean;
}

/** Unpacks a tar into a folder of a container. */
export async function writeArchive(
  engine: EngineHttp,
  { container, path, content, keepOwners, replaceFolders = false }: WriteArchive,
  signal: AbortSignal,
): Promise<void> {
  const query = {
    path,
    noOverwriteDirNonDir: String(!replaceFolders),
    ...(keepOwners ? { copyUIDGID: 'true' } : {}),
  };
  const answer = await engine.request({
    method: 'PUT',
    path: at(container),
    query,
    headers: { 'Content-Type': 'application/x-tar' },
    body: Readable.from(content, { objectMode: false }),
    signal,
  });
  if (answer.status >= 300) throw await readRefusal(answer);
  answer.body.resume();
}

/** See `EngineStreams.exportContainer`. */
export function exportContainer(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  return openStream(engine, 'GET', `/containers/${container}/export`, { signal });
}

function at(container: string): string {
  return `/containers/${container}/archive`;
}

const detailsHeader = 'x-docker-container-path-stat';

interface RawDetails {
  readonly name: string;
  readonly mode: number;
  readonly linkTarget: string;
  readonly size: number;
  readonly mtime: string;
}

function detailsOf({ headers }: EngineAnswer): PathDetails {
  const text = Buffer.from(String(headers[detailsHeader]), 'base64').toString('utf8');
  const { name, mode, linkTarget, size, mtime } = JSON.parse(text) as RawDetails;
  return { name, kind: kindOf(mode), target: linkTarget, size, modified: mtime };
}

/** The engine writes modes as Go does, with what a file is in the highest bits. */
function kindOf(mode: number): PathDetails['kind'] {
  const bits = mode >>> 0;
  if ((bits & 0x80000000) !== 0) return 'folder';
  if ((bits & 0x08000000) !== 0) return 'link';
  // Pipes, sockets and devices.
  return (bits & 0x07200000) === 0 ? 'file' : 'other';
}
