import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { FSWatcher } from 'chokidar';
import { isNoise } from '../model/noise.ts';
import { failure, type ProblemsError } from '../model/problem.ts';
import type { WatchFiles } from '../model/runtime.ts';
import { createBatching, systemClock } from './batching.ts';
import { createContents } from './contents.ts';
import { gitAtWork } from './git.ts';
import { createNews } from './news.ts';
import { askedPaths, findRoots, type Root } from './roots.ts';

/** What is put into a new folder at once may be missed: it is looked into again, so many milliseconds later. */
const looks = [250, 1500];

/** Of all watchers of this process: what one has told is not told by another. */
const contents = createContents();

/**
 * Watches folders, also such as do not exist yet. Files that were only touched, and what editors leave beside the files
 * they save, are not told. Batches that come while the last one is being worked on are put together. Begins when it is
 * first read from; throws `watch-failed` when the operating system cannot watch.
 */
export const watchFiles: WatchFiles = async function* ({ folders, ignored }, ready, signal) {
  const { watch } = await import('chokidar');
  const roots = await findRoots(folders);
  const atWork = await gitAtWork(roots.map(({ real }) => real));
  if (signal.aborted) return;
  const news = createNews(signal);
  const began = Date.now();
  /** Folders that the watcher has found by itself, until that is told. */
  const found = new Set<string>();

  let checks = Promise.resolve();
  const check = async (files: readonly string[]): Promise<void> => {
    if (signal.aborted) return;
    const changed = await contents.changed(files, began);
    news.add(toAsked(roots, changed));
    for (const folder of changed.filter((file) => contents.isFolder(file))) {
      // Another one in its place has to be found again.
      if (!found.delete(folder)) enter(folder);
      for (const moment of looks) setTimeout(list, moment, folder).unref();
    }
  };
  const batching = createBatching(
    (files) => {
      // One after the other, so that two checks of one file cannot overtake each other.
      checks = checks.then(() => check(files));
    },
    systemClock,
    atWork,
  );
  const isUnwanted = (file: string): boolean => isIgnored(roots, file, ignored);
  const options = {
    ignoreInitial: true,
    // It would hold back deletions; the batching does what it is for.
    atomic: false,
    followSymlinks: false,
    // A folder of another user, such as a database's, is common and no reason not to watch the rest.
    ignorePermissionErrors: true,
    ignored: isUnwanted,
  };
  const listen = (watcher: FSWatcher): FSWatcher =>
    watcher
      .on('all', (event, file) => {
        if (event === 'addDir' && !contents.isFolder(file)) found.add(file);
        if (event === 'unlinkDir') found.delete(file);
        if (event === 'add' || event === 'addDir') contents.appeared(file);
        else contents.existed(file);
        batching.add(file);
      })
      // It keeps to itself what it takes for no change: other rights of a file, or a folder in the place of a file.
      .on('raw', (_event, name, told) => {
        const { watchedPath } = told as { readonly watchedPath: string };
        const file = path.join(watchedPath, name ?? '');
        if (isInside(roots, file) && !isUnwanted(file)) batching.add(file);
      })
      .on('error', (error) => {
        if (!hasVanished(error)) news.fail(watchFailed(error));
      });
  const watcher = listen(watch([...new Set(roots.map(({ real }) => real))], options));
  watcher.on('ready', ready);
  /** Folders that it does not look into because they have quickly taken the place of files have watchers of their own. */
  const further = new Map<string, FSWatcher>();
  const enter = (folder: string): void => {
    if (signal.aborted) return;
    // What was in the one before may be gone with it.
    const before = watcher.getWatched();
    for (const [place, names] of Object.entries(before)) {
      if (place !== folder && !place.startsWith(folder + path.sep)) continue;
      for (const file of names.map((name) => path.join(place, name))) {
        contents.existed(file);
        batching.add(file);
      }
    }
    for (const file of contents.below(folder)) batching.add(file);
    void further.get(folder)?.close();
    const own = listen(watch(folder, options));
    further.set(folder, own);
    own.on('ready', () => list(folder, found));
  };
  /** Looks for what nothing was told of; with `inner`, in the folders inside, too, which are watched then. */
  const list = async (folder: string, inner?: Set<string>): Promise<void> => {
    if (signal.aborted) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const file = path.join(folder, entry.name);
      if (isUnwanted(file) || (inner === undefined && contents.isKnown(file))) continue;
      contents.appeared(file);
      batching.add(file);
      if (inner === undefined || !entry.isDirectory()) continue;
      inner.add(file);
      await list(file, inner);
    }
  };
  try {
    for (;;) {
      const paths = await news.take();
      if (paths === undefined) return;
      yield { paths };
    }
  } finally {
    batching.close();
    await Promise.all([watcher, ...further.values()].map((one) => one.close()));
  }
};

/** Ignored only if no one who asked for it wants it. */
function isIgnored(roots: readonly Root[], file: string, ignored: (path: string) => boolean): boolean {
  let inside = false;
  for (const { root, asked } of askedPaths(roots, file)) {
    inside = true;
    if (!isNoise(root.folder, asked) && !ignored(asked)) return false;
  }
  return inside;
}

function isInside(roots: readonly Root[], file: string): boolean {
  return askedPaths(roots, file).next().done !== true;
}

function toAsked(roots: readonly Root[], files: readonly string[]): string[] {
  return files.flatMap((file) => [...askedPaths(roots, file)].map(({ asked }) => asked));
}

/** What comes and goes is nothing that cannot be watched. */
function hasVanished(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  // The last is a link that was none any more when it was read.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EINVAL';
}

function watchFailed(error: unknown): ProblemsError {
  const { code, message } = error as NodeJS.ErrnoException;
  const hint = hints[code ?? ''];
  return failure({
    code: 'watch-failed',
    message: 'the files cannot be watched for changes',
    ...(hint === undefined ? {} : { hint }),
    cause: message,
  });
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC:
    'raise the limit with: sudo sysctl fs.inotify.max_user_watches=524288, or name large folders in .dockerignore',
  EMFILE:
    'raise the limit with: sudo sysctl fs.inotify.max_user_instances=512 and ulimit -n 65536, or name large folders in .dockerignore',
};
