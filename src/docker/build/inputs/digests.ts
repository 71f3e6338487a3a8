import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keepFile, placeOf } from '../../places.ts';
import type { Looks } from '../walk.ts';

export type KnownDigest = string;

/**
 * The digests of the files of a folder, as far as they have been read before. By size, times and place on disk a file is
 * known to be unchanged without being read: no program can set `ctimeMs`.
 */
export interface Digests {
  find(name: string, looks: Looks): KnownDigest | undefined;
  add(name: string, looks: Looks, digest: KnownDigest): void;
  /** Writes them down for the next time. That they cannot be costs time only. */
  keep(): Promise<void>;
}

type Entry = readonly [size: number, mtimeMs: number, ctimeMs: number, ino: number, digest: KnownDigest];

const form = 1;

/** Opens what is kept of a folder, in the user's cache. */
export function openDigests(directory: string): Digests {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 32);
  const file = path.join(placeOf('cache'), 'digests', `${name}.json`);
  const before = readEntries(file);
  const after = new Map<string, Entry>();
  let isNew = false;
  return {
    find(one, { size, mtimeMs, ctimeMs, ino }) {
      const entry = before.get(one);
      const isSame = entry?.[0] === size && entry[1] === mtimeMs && entry[2] === ctimeMs && entry[3] === ino;
      if (!isSame) return undefined;
      after.set(one, entry);
      return entry[4];
    },
    add(one, { size, mtimeMs, ctimeMs, ino }, digest) {
      // One that is this new may change once more without looking different.
      if (Math.max(mtimeMs, ctimeMs) > Date.now() - coarsest) return;
      after.set(one, [size, mtimeMs, ctimeMs, ino, digest]);
      isNew = true;
    },
    async keep() {
      if (!isNew) return;
      // Another build may leave out other files of the same folder; what is gone for good goes when it is much.
      const files = before.size > 2 * after.size ? after : new Map([...before, ...after]);
      await keepFile(file, JSON.stringify({ v: form, files: [...files] })).catch(() => {});
    },
  };
}

/** Milliseconds between two times of the coarsest of file systems. */
export const coarsest = 2000;

function readEntries(file: string): ReadonlyMap<string, Entry> {
  try {
    const { v, files } = JSON.parse(readFileSync(file, 'utf8'));
    return v === form ? new Map(files) : new Map();
  } catch {
    // There are none, or of another form.
    return new Map();
  }
}
