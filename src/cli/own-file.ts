import { closeSync, fstatSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/** Reads what is believed as it is: it has to be what this user has written. Throws if it may be anyone else's. */
export function readOwn(file: string): Buffer {
  const opened = openSync(file, 'r');
  try {
    const { uid, mode } = fstatSync(opened);
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0))
      throw new Error(`${file} can be written by others`);
    return readFileSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Removes what was written into a folder longer than so many milliseconds ago. */
export function removeOlder(folder: string, milliseconds: number): void {
  for (const entry of readdirSync(folder)) {
    const one = path.join(folder, entry);
    if (Date.now() - statSync(one).mtimeMs > milliseconds) rmSync(one, { recursive: true, force: true });
  }
}
