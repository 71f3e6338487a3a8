import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type Docker from 'dockerode';
import type { ContainerRef, SyncedFile, SyncFiles } from '../../model/plan.ts';
import { failure, type Problem } from '../../model/problem.ts';
import type { PerformContext } from '../../model/runtime.ts';
import { call, EngineRefusal } from '../api.ts';
import { writeArchive } from '../archive.ts';
import type { EngineHttp } from '../http.ts';
import { changedInside, noteWritten } from './overwritten.ts';
import { ownerInside } from './owner.ts';
import { packFiles } from './pack.ts';
import { removeInside } from './remove.ts';

/**
 * Brings files of a container up to date with those of this machine: what is there is written as one tar, what is not is
 * deleted then. That something cannot be written keeps nothing from being deleted.
 */
export async function syncFiles(
  engine: EngineHttp,
  { container, files }: SyncFiles,
  context: Pick<PerformContext, 'signal' | 'doubt'>,
): Promise<void> {
  const { signal } = context;
  const { there, gone } = await sort(files);
  const folders = await realFolders(gone);
  try {
    if (there.length + folders.length > 0)
      await write(engine, container, inOrder(distinct([...there, ...folders])), context);
  } finally {
    await removeInside(engine, container, outermost(gone.map(({ target }) => target)), signal);
  }
}

/** Looks at so many files at once. */
const atOnce = 64;

async function sort(
  files: readonly SyncedFile[],
): Promise<{ readonly there: readonly SyncedFile[]; readonly gone: readonly SyncedFile[] }> {
  const there: SyncedFile[] = [];
  const gone: SyncedFile[] = [];
  const links = new Map<string, Promise<boolean>>();
  for (let from = 0; from < files.length; from += atOnce) {
    const some = files.slice(from, from + atOnce);
    const looks = some.map(async (file) => (await isBehindLink(file, links)) || (await exists(file.source)));
    for (const [index, look] of (await Promise.all(looks)).entries()) {
      const file = some[index];
      if (file === undefined || look === 'behind a link') continue;
      if (look) there.push(file);
      else gone.push(file);
    }
  }
  return { there, gone };
}

/**
 * What a link leads to has a place of its own: where a link has taken the place of a folder, it stands for what was in that.
 */
async function isBehindLink(
  file: SyncedFile,
  known: Map<string, Promise<boolean>>,
): Promise<false | 'behind a link'> {
  for (const { source } of foldersOf(file)) {
    const isLink =
      known.get(source) ??
      lstat(source).then(
        (stats) => stats.isSymbolicLink(),
        () => false,
      );
    known.set(source, isLink);
    if (await isLink) return 'behind a link';
  }
  return false;
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
  container: ContainerRef,
  files: readonly SyncedFile[],
  { signal, doubt }: Pick<PerformContext, 'signal' | 'doubt'>,
): Promise<void> {
  const { name } = container;
  const info = await call<Docker.ContainerInspectInfo>(engine, 'GET', `/containers/${name}/json`, { signal });
  const [owner, changed] = await Promise.all([
    ownerInside(engine, info, signal),
    changedInside(engine, info.Id, files, signal),
  ]);
  const writeAll = (all: readonly SyncedFile[]): Promise<void> => {
    const content = packFiles(all, owner);
    const archive = { container: name, path: '/', content, keepOwners: false, replaceFolders: true };
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
      message: `the engine does not let files be written into ${name}`,
      hint: /read-only/.test(error.said)
        ? 'let the container write there: leave out read_only, or let the target be in a volume'
        : 'the next change of a file tries it again',
      cause: error.said,
    });
  }
  for (const file of changed) doubt?.(overwritten(container, file));
  await noteWritten(engine, info.Id, files, signal);
}

function overwritten({ service, name }: ContainerRef, { target }: SyncedFile): Problem {
  return {
    code: 'file-overwritten',
    severity: 'warning',
    service,
    message: `${name} had changed ${target} itself; what was saved here has taken its place`,
    hint: 'what a container is to change comes back by `x-stack.sync_back`',
  };
}

/** With the folders that they are in. */
function withFolders(files: readonly SyncedFile[]): readonly SyncedFile[] {
  return inOrder(distinct([...files, ...files.flatMap((file) => [...foldersOf(file)])]));
}

/**
 * The folders that files were in. They are written before anything in them is deleted: a link that is still in the place of
 * one in the container would lead to files of others.
 */
async function realFolders(files: readonly SyncedFile[]): Promise<readonly SyncedFile[]> {
  const folders = distinct(files.flatMap((file) => [...foldersOf(file)]));
  const isReal = await Promise.all(
    folders.map(({ source }) =>
      lstat(source).then(
        (stats) => stats.isDirectory(),
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => isReal[index]);
}

/** One for each place. */
function distinct(files: readonly SyncedFile[]): readonly SyncedFile[] {
  const all = new Map<string, SyncedFile>();
  for (const file of files) if (!all.has(file.target)) all.set(file.target, file);
  return [...all.values()];
}

/** The folders that a file is in, as far as they have the same names on both sides. */
function* foldersOf({ source, target }: SyncedFile): Generator<SyncedFile> {
  let folder = { source: path.dirname(source), target: path.posix.dirname(target) };
  while (folder.target !== '/' && path.basename(folder.source) === path.posix.basename(folder.target)) {
    yield folder;
    folder = { source: path.dirname(folder.source), target: path.posix.dirname(folder.target) };
  }
}

/** Folders before what is in them, so that they get their own owners and modes. */
function inOrder(files: readonly SyncedFile[]): readonly SyncedFile[] {
  return files.toSorted((a, b) => (a.target < b.target ? -1 : 1));
}
