import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isNoise } from '../model/noise.ts';
import type { FileSet, ListFiles } from '../model/runtime.ts';

/** What editors leave beside the files they save is not listed, nor is what vanishes or cannot be read. */
export const listFiles: ListFiles = async (files, from) => {
  const found: string[] = [];
  await collect(files, from, from, found);
  return found;
};

async function collect(files: FileSet, top: string, file: string, found: string[]): Promise<void> {
  if (isNoise(top, file)) return;
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return;
  if (files.includes(file)) found.push(file);
  if (!stats.isDirectory() || files.prunes(file)) return;
  const names = await readdir(file).catch(() => []);
  for (const name of names.toSorted()) await collect(files, top, path.join(file, name), found);
}
