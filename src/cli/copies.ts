import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CopyStore } from '../commands/copies.ts';
import { keepFile, placeOf } from '../docker/places.ts';
import type { Copy } from '../model/copy.ts';

const form = 1;

/** The copies of stacks that this user has, one file each. */
export const copies: CopyStore = {
  // Hardly anyone has one, and what the name of its file is made with takes a while to load.
  find: async (project) => (existsSync(folder()) ? readCopy(fileOf(project)) : undefined),
  async all() {
    const files = await readdir(folder()).catch(() => []);
    const found = await Promise.all(files.map((file) => readCopy(path.join(folder(), file))));
    return found.filter((copy) => copy !== undefined);
  },
  async keep(copy) {
    await keepFile(fileOf(copy.project), `${JSON.stringify({ v: form, copy })}\n`);
  },
  forget: (project) => rm(fileOf(project), { force: true }),
};

async function readCopy(file: string): Promise<Copy | undefined> {
  try {
    const read = JSON.parse(await readFile(file, 'utf8'));
    return read.v === form ? read.copy : undefined;
  } catch {
    // There is none, or it was kept by a version with another form.
    return undefined;
  }
}

function folder(): string {
  return path.join(placeOf('state'), 'copies');
}

function fileOf(project: string): string {
  const name = createHash('sha256').update(project).digest('hex').slice(0, 32);
  return path.join(folder(), `${name}.json`);
}
