import { randomBytes } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { failure } from '../model/problem.ts';

/** Writes a file, whole or not at all; one that is new gets the mode. Throws `invalid-option` if it cannot be written. */
export async function writeOutput(file: string, text: string, mode = 0o666): Promise<void> {
  const wanted = path.resolve(file);
  try {
    const target = await realpath(wanted).catch(() => wanted);
    const known = await stat(target).catch(() => undefined);
    // A device or a pipe is written to; nothing may take its place.
    if (known !== undefined && !known.isFile()) return await writeFile(target, text);
    const draft = path.join(
      path.dirname(target),
      `.${path.basename(target)}.${randomBytes(6).toString('hex')}`,
    );
    try {
      await writeFile(draft, text, { mode: known === undefined ? mode : known.mode & 0o777, flag: 'wx' });
      await rename(draft, target);
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw failure({
      code: 'invalid-option',
      message: `${file} cannot be written`,
      ...(code === 'ENOENT'
        ? { hint: `create the folder ${path.dirname(file)} first` }
        : code === 'EISDIR'
          ? { hint: 'it is a folder; name a file' }
          : { cause: message }),
    });
  }
}
