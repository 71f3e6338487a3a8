import { randomBytes } from 'node:crypto';
import { chmod, chown, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { failure } from '../model/problem.ts';

/**
 * Writes a file, whole or not at all; one that is new gets the mode, one that is there keeps its own and its owner. Throws
 * `invalid-option` if it cannot be written.
 */
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
      await writeFile(draft, text, { mode: known === undefined ? mode : 0o600, flag: 'wx' });
      if (known !== undefined) {
        // Only root can give files away; for others it is enough if the group stays.
        await chown(draft, known.uid, known.gid).catch(() => chown(draft, -1, known.gid).catch(() => {}));
        await chmod(draft, known.mode & 0o777);
      }
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
