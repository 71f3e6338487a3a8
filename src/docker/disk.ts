import { statfs } from 'node:fs';

/** The room where an engine of this machine keeps its data; the folder of one in a virtual machine is not there. */
export function diskOf(
  folder: string | undefined,
): Promise<{ readonly folder: string; readonly free: number; readonly size: number } | undefined> {
  if (!folder) return Promise.resolve(undefined);
  // To load what gives promises takes longer than the answer; a file system that does not answer holds nobody up.
  return new Promise((resolve) => {
    statfs(folder, (error, found) => {
      if (error !== null) return resolve(undefined);
      const { bavail, blocks, bsize } = found;
      resolve({ folder, free: bavail * bsize, size: blocks * bsize });
    });
  });
}
