import { createHash } from 'node:crypto';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { isBelow } from './roots.ts';

/** Files up to this size are compared by what they contain, larger ones by size and time. */
const hashedSize = 1024 * 1024;
/** Reads at once: a change of branch touches thousands of files. */
const atOnce = 16;

const gone = 'gone';
const folder = 'folder,since';
const unknown = 'unknown';

/** Tells changes of contents from mere touches. */
export interface Contents {
  /**
   * Those of the paths that differ from when they were last asked for; what was never asked for counts as different, unless
   * nothing is there, or a folder that was there before `since`, in milliseconds since 1970.
   */
  changed(paths: readonly string[], since: number): Promise<string[]>;
  /** All that is known to have been in folders when it was last asked for. */
  below(folders: ReadonlySet<string>): readonly string[];
  /** Whether it was a folder when it was last asked for. */
  isFolder(path: string): boolean;
  /** The path did not exist until now: if it is gone again when asked for, nothing has changed. */
  appeared(path: string): void;
  /** The path existed until now: if it is gone when asked for, something has changed. */
  existed(path: string): void;
}

export function createContents(): Contents {
  const known = new Map<string, string>();
  const check = async (path: string, since: number): Promise<boolean> => {
    const now = await fingerprint(path);
    const before = known.get(path);
    if (before === undefined && now === gone) return false;
    known.set(path, now);
    const [kind, born] = now.split(' ');
    if (before === undefined && kind === folder) return Number(born) >= since;
    return before !== now;
  };
  return {
    below: (folders) =>
      [...known].flatMap(([file, was]) => (was !== gone && isBelow(folders, file) ? [file] : [])),
    isFolder: (path) => known.get(path)?.startsWith(folder) === true,
    async changed(paths, since) {
      const results: boolean[] = [];
      for (let from = 0; from < paths.length; from += atOnce) {
        results.push(
          ...(await Promise.all(paths.slice(from, from + atOnce).map((path) => check(path, since)))),
        );
      }
      return paths.filter((_, index) => results[index]);
    },
    appeared(path) {
      if (!known.has(path)) known.set(path, gone);
    },
    existed(path) {
      if (!known.has(path)) known.set(path, unknown);
    },
  };
}

/** What an image would see of a path: its contents and whether it can be executed, but no times and owners. */
async function fingerprint(path: string): Promise<string> {
  try {
    const stats = await lstat(path, { bigint: true });
    // Another one of the same name is not the same.
    if (stats.isDirectory()) return `${folder} ${stats.birthtimeMs}`;
    if (stats.isSymbolicLink()) return `link to ${await readlink(path)}`;
    if (!stats.isFile()) return 'special';
    const executable = (stats.mode & 0o111n) === 0n ? '' : ' executable';
    if (stats.size > hashedSize) return `${stats.ino} ${stats.size} ${stats.mtimeNs}${executable}`;
    return (
      createHash('sha1')
        .update(await readFile(path))
        .digest('base64') + executable
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // One that cannot be read is another one after each change of its rights: better a needless build than none.
    return code === 'ENOENT' || code === 'ENOTDIR' ? gone : `unreadable at ${performance.now()}`;
  }
}
