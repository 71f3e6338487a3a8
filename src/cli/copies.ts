import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CopyStore } from '../commands/copies.ts';
import type { Copy } from '../model/copy.ts';
import { writeOutput } from './output.ts';

const form = 1;

/** The copies of stacks that this user has, one file each. */
export const copies: CopyStore = {
  find: (project) => readCopy(fileOf(project)),
  async all() {
    const files = await readdir(folder()).catch(() => []);
    const found = await Promise.all(files.map((file) => readCopy(path.join(folder(), file))));
    return found.filter((copy) => copy !== undefined);
  },
  async keep(copy) {
    await mkdir(folder(), { recursive: true, mode: 0o700 });
    await writeOutput(fileOf(copy.project), `${JSON.stringify({ v: form, copy })}\n`, 0o600);
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
  return path.join(process.env.XDG_STATE_HOME || path.join(os.homedir(), '.local/state'), 'stack/copies');
}

function fileOf(project: string): string {
  const name = createHash('sha256').update(project).digest('hex').slice(0, 32);
  return path.join(folder(), `${name}.json`);
}
