import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { SyncedFile, SyncFiles } from '../../model/plan.ts';
import { failure } from '../../model/problem.ts';
import type { PerformContext } from '../../model/runtime.ts';
import { EngineRefusal } from '../api.ts';
import { writeArchive } from '../archive.ts';
import type { EngineHttp } from '../http.ts';
import { ownerInside } from './owner.ts';
import { packFiles } from './pack.ts';
import { removeInside } from './remove.ts';

/**
 * Brings files of a container up to date with those of this machine: what is there is written as one tar, what is not is
 * deleted. That something cannot be deleted keeps nothing from being written.
 */
export async function syncFiles(
  engine: EngineHttp,
  { container, files }: SyncFiles,
  { signal }: PerformContext,
): Promise<void> {
  const { there, gone } = await sort(files);
  try {
    await removeInside(engine, container, outermost(gone), signal);
  } finally {
    if (there.length > 0) await write(engine, container.name, there, signal);
  }
}

/** Looks at so many files at once. */
const atOnce = 64;

async function sort(
  files: readonly SyncedFile[],
): Promise<{ readonly there: readonly SyncedFile[]; readonly gone: readonly string[] }> {
  const there: SyncedFile[] = [];
  const gone: string[] = [];
  for (let from = 0; from < files.length; from += atOnce) {
    const some = files.slice(from, from + atOnce);
    const exist = await Promise.all(some.map(({ source }) => exists(source)));
    for (const [index, file] of some.entries()) {
      if (exist[index]) there.push(file);
      else gone.push(file.target);
    }
  }
  return { there: inOrder(there), gone };
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw failure({
      code: 'unreadable-file',
      message: `${file} cannot be read`,
      cause: (error as Error).message,
    });
  }
}

/** Without those that are inside of others, and never the root: a folder that vanished here is no reason to lose all there. */
function outermost(paths: readonly string[]): readonly string[] {
  const all = new Set(paths.filter((file) => file !== '/'));
  return [...all].filter((file) => {
    for (let folder = path.posix.dirname(file); folder !== '/'; folder = path.posix.dirname(folder)) {
      if (all.has(folder)) return false;
    }
    return true;
  });
}

async function write(
  engine: EngineHttp,
  container: string,
  files: readonly SyncedFile[],
  signal: AbortSignal,
): Promise<void> {
  const owner = await ownerInside(engine, container, signal);
  const writeAll = (all: readonly SyncedFile[]): Promise<void> => {
    const content = packFiles(all, owner);
    const archive = { container, path: '/', content, keepOwners: false, replaceFolders: true };
    return writeArchive(engine, archive, signal);
  };
  try {
    await writeAll(files).catch((error: unknown) => {
      // That a folder has taken the place of a file is not always told when it happens.
      if (!(error instanceof EngineRefusal) || !/not a directory/.test(error.said)) throw error;
      return writeAll(withFolders(files));
    });
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    throw failure({
      code: 'sync-failed',
      message: `the engine does not let files be written into ${container}`,
      hint: /read-only/.test(error.said)
        ? 'let the container write there: leave out read_only, or let the target be in a volume'
        : 'the next change of a file tries it again',
      cause: error.said,
    });
  }
}

/** With the folders that they are in, as far as these have the same names on both sides. */
function withFolders(files: readonly SyncedFile[]): readonly SyncedFile[] {
  const all = new Map(files.map((file) => [file.target, file]));
  for (const file of files) {
    let { source, target } = file;
    for (;;) {
      source = path.dirname(source);
      target = path.posix.dirname(target);
      if (target === '/' || path.basename(source) !== path.posix.basename(target) || all.has(target)) break;
      all.set(target, { source, target });
    }
  }
  return inOrder([...all.values()]);
}

/** Folders before what is in them, so that they get their own owners and modes. */
function inOrder(files: readonly SyncedFile[]): readonly SyncedFile[] {
  return files.toSorted((a, b) => (a.target < b.target ? -1 : 1));
}
