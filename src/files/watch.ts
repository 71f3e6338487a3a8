import path from 'node:path';
import { isNoise } from '../model/noise.ts';
import { failure, type ProblemsError } from '../model/problem.ts';
import type { WatchFiles } from '../model/runtime.ts';
import { createBatching, systemClock } from './batching.ts';
import { createContents } from './contents.ts';
import { gitAtWork } from './git.ts';
import { createNests, watchesBelow } from './nests.ts';
import { createNews } from './news.ts';
import { askedPaths, findRoots, isBelow, type Root } from './roots.ts';

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
  /** Names that something else has now than before. */
  const renamed = new Set<string>();

  const isUnwanted = (file: string): boolean => isIgnored(roots, file, ignored);
  const hear = (folder: string, name: string | null, isRenamed: boolean): void => {
    note(path.join(folder, name ?? ''), isRenamed);
    // A folder tells that it is gone as it tells of what is in it, with its own name.
    if (isRenamed && name === path.basename(folder) && nests.hasLost(folder)) note(folder, true);
  };
  const note = (file: string, isRenamed: boolean): void => {
    if (!isInside(roots, file) || isUnwanted(file)) return;
    if (isRenamed) renamed.add(file);
    if (isRenamed && !nests.had(file)) contents.appeared(file);
    else contents.existed(file);
    batching.add(file);
  };
  const fail = (error: unknown): void => {
    if (!isOfNoMatter(error)) news.fail(watchFailed(error));
  };
  const nests = createNests(isUnwanted, hear, fail);
  const check = async (files: readonly string[]): Promise<void> => {
    if (signal.aborted) return;
    // Those that are renamed once more from now on are in the next batch, too.
    const others = new Set(files.filter((file) => renamed.delete(file)));
    news.add(toAsked(roots, await contents.changed(files, began)));
    const anew = new Set<string>();
    const left = new Set<string>();
    for (const file of files) {
      const isFolder = contents.isFolder(file);
      if (isFolder && others.has(file)) anew.add(file);
      if (isFolder ? others.has(file) : nests.has(file)) left.add(file);
    }
    // What was in a folder may be gone with it, whatever is there now and was told of it.
    if (left.size > 0) {
      for (const file of [...nests.leave(left), ...contents.below(left)]) {
        contents.existed(file);
        batching.add(file);
      }
    }
    for (const folder of anew) {
      if (isBelow(anew, folder)) continue;
      for (const file of await nests.enter(folder)) {
        contents.appeared(file);
        batching.add(file);
      }
    }
  };
  const places = [...new Set(roots.map(({ real }) => real))];
  // One after the other, so that two checks of one file cannot overtake each other.
  let checks = Promise.all(places.map((place) => nests.enter(place))).then(() => {});
  const batching = createBatching(
    (files) => {
      checks = checks.then(() => check(files));
    },
    systemClock,
    atWork,
  );
  const entered = checks;
  const watcher = watch(places, {
    ignoreInitial: true,
    // It would hold back deletions; the batching does what it is for.
    atomic: false,
    followSymlinks: false,
    // A folder of another user, such as a database's, is common and no reason not to watch the rest.
    ignorePermissionErrors: true,
    ignored: isUnwanted,
    // Where folders are watched each by itself it sees to it that those that were asked for are there.
    ...(watchesBelow ? {} : { depth: 1 }),
  })
    .on('all', (event, file) => note(file, event === 'addDir' || event === 'add'))
    // It keeps to itself what it takes for no change: other rights of a file, or a folder in the place of a file.
    .on('raw', (event, name, told) => {
      const { watchedPath } = told as { readonly watchedPath: string };
      hear(watchedPath, name, event === 'rename');
    })
    .on('error', fail)
    .on('ready', () => entered.then(ready));
  try {
    for (;;) {
      const paths = await news.take();
      if (paths === undefined) return;
      yield { paths };
    }
  } finally {
    batching.close();
    nests.close();
    // It lets go what it holds at once. What it waits for then may never come: where folders are replaced quickly it can
    // come to wait for itself.
    void watcher.close().catch(() => {});
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

/** What comes and goes, or belongs to another user, is no reason not to watch the rest. */
function isOfNoMatter(error: unknown): boolean {
  return harmless.has((error as NodeJS.ErrnoException).code);
}

/** The last is a link that was none any more when it was read. */
const harmless: ReadonlySet<string | undefined> = new Set(
  'ENOENT ENOTDIR ELOOP EACCES EPERM EINVAL'.split(' '),
);

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
