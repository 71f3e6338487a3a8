import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { SyncedFile } from '../../model/plan.ts';
import { describePath, type PathDetails, readArchive } from '../archive.ts';
import type { EngineHttp } from '../http.ts';
import { untar } from '../streams/untar.ts';

/** How files were left in containers, by the id of the container and the path in it. */
const left = new WeakMap<EngineHttp, Map<string, Map<string, string>>>();

/** More at once are a change of branch, not something that a person and a program both work at. */
const mostFiles = 64;
/** Of larger files only size and time are compared, in bytes. */
const largestRead = 1024 * 1024;

/**
 * Those of the files that the container has changed by itself since they were written into it, and that are not the same
 * here by now. Nothing is known of files that were not synced yet.
 */
export async function changedInside(
  engine: EngineHttp,
  id: string,
  files: readonly SyncedFile[],
  signal: AbortSignal,
): Promise<readonly SyncedFile[]> {
  const known = knownOf(engine, id);
  const looks = files
    .filter(({ target }) => known.has(target))
    .slice(0, mostFiles)
    .map(async (file) => {
      const details = await describePath(engine, id, file.target, signal).catch(() => undefined);
      if (details === undefined || details.kind !== 'file' || stampOf(details) === known.get(file.target))
        return [];
      return (await isSame(engine, id, file, details, signal)) ? [] : [file];
    });
  return (await Promise.all(looks)).flat();
}

/** Keeps in mind how files are right after they were written. */
export async function noteWritten(
  engine: EngineHttp,
  id: string,
  files: readonly SyncedFile[],
  signal: AbortSignal,
): Promise<void> {
  const known = knownOf(engine, id);
  for (const { target } of files) known.delete(target);
  const looks = files.slice(0, mostFiles).map(async ({ target }) => {
    const details = await describePath(engine, id, target, signal).catch(() => undefined);
    if (details?.kind === 'file') known.set(target, stampOf(details));
  });
  await Promise.all(looks);
}

function knownOf(engine: EngineHttp, id: string): Map<string, string> {
  const containers = left.get(engine) ?? new Map<string, Map<string, string>>();
  left.set(engine, containers);
  const known = containers.get(id) ?? new Map<string, string>();
  containers.set(id, known);
  return known;
}

function stampOf({ size, modified }: PathDetails): string {
  return `${size} ${modified}`;
}

async function isSame(
  engine: EngineHttp,
  id: string,
  { source, target }: SyncedFile,
  { size }: PathDetails,
  signal: AbortSignal,
): Promise<boolean> {
  if (size > largestRead) return false;
  try {
    const { content } = await readArchive(engine, id, target, signal);
    for await (const entry of untar(content)) return (await buffer(entry)).equals(await readFile(source));
  } catch {
    // What cannot be read is told to be another one, which does no harm.
    signal.throwIfAborted();
  }
  return false;
}
