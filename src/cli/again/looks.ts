import { lstatSync, readlinkSync, statSync } from 'node:fs';

/** What is at a path, as far as it can be told without reading it. */
export interface Look {
  /** Equal texts are the same, unchanged. */
  readonly text: string;
  /** When it changed last, in milliseconds since 1970; 0 where that does not matter. Infinity: it tells nothing of what is in it. */
  readonly changed: number;
}

/**
 * What is at a path. With `/` at its end what is in that folder counts, too; else a folder is only which one it is. What is
 * behind a link counts as well as where the link leads.
 */
export function lookAt(path: string): Look {
  try {
    const link = lstatSync(path, quietly);
    if (link === undefined) return nothing;
    const found = link.isSymbolicLink() ? statSync(path, quietly) : link;
    const leads = link === found ? '' : `${readlinkSync(path)} `;
    if (found === undefined) return { text: `${leads}nowhere`, changed: 0 };
    const which = `${leads}${found.dev} ${found.ino} ${found.birthtimeMs} ${found.mode}`;
    if (isOfTheSystem.test(path) || found.isFIFO() || found.isCharacterDevice())
      return { text: which, changed: Number.POSITIVE_INFINITY };
    if (!found.isFile() && !path.endsWith('/')) return { text: which, changed: 0 };
    return {
      text: `${which} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`,
      changed: Math.max(found.mtimeMs, found.ctimeMs),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? nothing : { text: String(code), changed: 0 };
  }
}

/** There, files have no times. */
const isOfTheSystem = /^\/(?:proc|sys)\//;

const nothing: Look = { text: '', changed: 0 };
const quietly = { throwIfNoEntry: false } as const;
