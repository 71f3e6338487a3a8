import { readFileSync } from 'node:fs';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../..');

/** A package as package-lock.json has it. */
export interface Locked {
  readonly version: string;
  readonly license?: string;
  /** `sha512-` and the hash in base64. */
  readonly integrity?: string;
  readonly hasInstallScript?: true;
  /** The only systems that it is made for. */
  readonly os?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** All packages by where they are: `node_modules/ink/node_modules/string-width`. */
export function readLock(): Readonly<Record<string, Locked>> {
  return JSON.parse(readFileSync(path.join(repository, 'package-lock.json'), 'utf8')).packages;
}

/** Where what a package asks for is found: in its own folder, else in those around it. */
export function folderOf(
  lock: Readonly<Record<string, Locked>>,
  name: string,
  from: string,
): string | undefined {
  for (let around = from; ; around = around.slice(0, Math.max(around.lastIndexOf('/node_modules/'), 0))) {
    const folder = `${around === '' ? '' : `${around}/`}node_modules/${name}`;
    if (lock[folder] !== undefined) return folder;
    if (around === '') return undefined;
  }
}

/** The folders of all that a package brings along, without itself and without what is optional. */
export function broughtBy(lock: Readonly<Record<string, Locked>>, folder: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [folder];
  for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
    for (const name of Object.keys(lock[from]?.dependencies ?? {})) {
      const needed = folderOf(lock, name, from);
      if (needed === undefined || needed === folder || found.has(needed)) continue;
      found.add(needed);
      waiting.push(needed);
    }
  }
  return found;
}
