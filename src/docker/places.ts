import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Where what is worth keeping is, for this user alone. */

/**
 * The folder of `stack` among the user's states, which are not to be lost, or caches, which may be. As the XDG specification has
 * it, variables that are not absolute do not count.
 */
export function placeOf(what: 'state' | 'cache'): string {
  const { XDG_STATE_HOME = '', XDG_CACHE_HOME = '' } = process.env;
  const [folder, inHome] = what === 'state' ? [XDG_STATE_HOME, '.local/state'] : [XDG_CACHE_HOME, '.cache'];
  return path.join(path.isAbsolute(folder) ? folder : path.join(homeFolder(), inHome), 'stack');
}

/** The user's home folder. Where the system knows of none, as of a user that only has a number: a place that nothing can be in. */
export function homeFolder(): string {
  try {
    return os.homedir();
  } catch {
    return os.devNull;
  }
}

/** Writes a file that no one else can read, whole or not at all. Where other threads do it, that takes longer to arrange. */
export async function keepFile(file: string, text: string): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  // What makes better ones takes longer to load than the rest; in this folder nobody else is to guess it.
  const draft = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
