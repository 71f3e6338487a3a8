import { isNoise } from '../model/noise.ts';
import { failure, type ProblemsError } from '../model/problem.ts';
import type { WatchFiles } from '../model/runtime.ts';
import { createBatching, systemClock } from './batching.ts';
import { createContents } from './contents.ts';
import { createNews } from './news.ts';
import { askedPaths, findRoots, type Root } from './roots.ts';

/**
 * Watches folders, also such as do not exist yet. Files that were only touched, and what editors leave beside the files
 * they save, are not told. Batches that come while the last one is being worked on are put together. Begins when it is
 * first read from; throws `watch-failed` when the operating system cannot watch.
 */
export const watchFiles: WatchFiles = async function* ({ folders, ignored }, ready, signal) {
  const { watch } = await import('chokidar');
  const roots = await findRoots(folders);
  const news = createNews(signal);
  if (signal.aborted) return;

  const contents = createContents();
  let checks = Promise.resolve();
  const batching = createBatching((files) => {
    // One after the other, so that two checks of one file cannot overtake each other.
    checks = checks.then(async () => news.add(toAsked(roots, await contents.changed(files))));
  }, systemClock);

  const watcher = watch([...new Set(roots.map(({ real }) => real))], {
    ignoreInitial: true,
    // It would hold back deletions; the batching does what it is for.
    atomic: false,
    followSymlinks: false,
    // A folder of another user, such as a database's, is common and no reason not to watch the rest.
    ignorePermissionErrors: true,
    ignored: (file) => isIgnored(roots, file, ignored),
  });
  watcher.on('all', (event, file) => {
    if (event === 'add' || event === 'addDir') contents.appeared(file);
    else contents.existed(file);
    batching.add(file);
  });
  watcher.on('ready', ready);
  watcher.on('error', (error) => news.fail(watchFailed(error)));
  try {
    for (;;) {
      const paths = await news.take();
      if (paths === undefined) return;
      yield { paths };
    }
  } finally {
    batching.close();
    await watcher.close();
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

function toAsked(roots: readonly Root[], files: readonly string[]): string[] {
  return files.flatMap((file) => [...askedPaths(roots, file)].map(({ asked }) => asked));
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
