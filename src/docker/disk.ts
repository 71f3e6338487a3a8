import { statfs } from 'node:fs/promises';

/** The room where an engine of this machine keeps its data; the folder of one in a virtual machine is not there. */
export async function diskOf(
  folder: string | undefined,
): Promise<{ readonly folder: string; readonly free: number; readonly size: number } | undefined> {
  if (!folder) return undefined;
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { folder, free: bavail * bsize, size: blocks * bsize };
  } catch {
    return undefined;
  }
}
