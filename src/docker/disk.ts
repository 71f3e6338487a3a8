import { statfsSync } from 'node:fs';

/** The room where an engine of this machine keeps its data; the folder of one in a virtual machine is not there. */
export function diskOf(
  folder: string | undefined,
): { readonly folder: string; readonly free: number; readonly size: number } | undefined {
  if (!folder) return undefined;
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { folder, free: bavail * bsize, size: blocks * bsize };
  } catch {
    return undefined;
  }
}
