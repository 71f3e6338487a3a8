import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Where what is worth keeping is, for this user alone. */

/** The folder of `stack` among the user's states, which are not to be lost, or caches, which may be. */
export function placeOf(what: 'state' | 'cache'): string {
  const { XDG_STATE_HOME, XDG_CACHE_HOME } = process.env;
  const home = os.homedir();
  const folder =
    what === 'state'
      ? XDG_STATE_HOME || path.join(home, '.local/state')
      : XDG_CACHE_HOME || path.join(home, '.cache');
  return path.join(folder, 'stack');
}

/** Writes a file that no one else can read, whole or not at all. */
export async function keepFile(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
