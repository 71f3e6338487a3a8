import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { createIgnore, type Ignore } from '../dockerignore.ts';
import { compilePattern } from '../pattern.ts';
import { vanished } from '../unreadable.ts';

/** Which part of a folder the builder asks for, in the patterns of ignore files. */
export interface Wanted {
  /** None: everything. */
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  /** Paths like those of `includes`, and what symbolic links on the way lead to. */
  readonly follows: readonly string[];
}

/** What is not wanted of a folder. Patterns and links only ever lead to what is inside of it. */
export async function unwantedIn(folder: string, { includes, excludes, follows }: Wanted): Promise<Ignore> {
  const excluded = createIgnore(excludes);
  const followed = await followLinks(folder, follows);
  const whole = [...includes, ...followed].map(cleaned);
  if (whole.length === 0 || whole.includes('')) return excluded;
  const included = createIgnore(whole);
  const below = whole.map((pattern) => compilePattern(pattern));
  return {
    ignored: (name) => !included.ignored(name) || excluded.ignored(name),
    prunes: (name) =>
      excluded.prunes(name) ||
      (!included.ignored(name) && !below.some((pattern) => pattern?.mayMatchBelow(name) ?? true)),
  };
}

/** The paths, the links on their ways, and where these lead. */
async function followLinks(folder: string, follows: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  const links = new Set<string>();
  const left = follows.map((name) => ({ name: cleaned(name), hops: 0 }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { name, hops } = next;
    if (found.has(name) || hops > mostHops) continue;
    found.add(name);
    for (const onward of await throughLinks(folder, name, links)) left.push({ name: onward, hops: hops + 1 });
  }
  return [...found, ...links];
}

/** As many links as a system follows before it takes them for a circle. */
const mostHops = 40;

/** The paths that one stands for, too, because something on its way is a link; that is added to `links`. */
async function throughLinks(folder: string, wanted: string, links: Set<string>): Promise<readonly string[]> {
  const names = wanted.split('/');
  for (const [index, name] of names.entries()) {
    const above = names.slice(0, index).join('/');
    const rest = names.slice(index + 1);
    const isPattern = /[*?[\\]/.test(name);
    const entries = isPattern ? await matchesIn(path.join(folder, above), name) : [name];
    const onward: string[] = [];
    for (const entry of entries) {
      const target = await targetOf(folder, above, entry);
      if (target !== undefined) {
        links.add(cleaned(`${above}/${entry}`));
        onward.push([target, ...rest].join('/'));
      } else if (isPattern && rest.length > 0) {
        // Behind a pattern each of the folders may have links of its own.
        onward.push([above, entry, ...rest].join('/'));
      }
    }
    if (onward.length > 0) return onward.map(cleaned);
  }
  return [];
}

async function matchesIn(folder: string, pattern: string): Promise<readonly string[]> {
  const compiled = compilePattern(pattern);
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => compiled?.matches(name) === true);
}

/** Where a link leads, as a path in the folder; `undefined` for what is none, or is not there. */
async function targetOf(folder: string, above: string, name: string): Promise<string | undefined> {
  const file = path.join(folder, above, name);
  try {
    if (!(await lstat(file)).isSymbolicLink()) return undefined;
    const target = await readlink(file);
    return cleaned(target.startsWith('/') ? target : path.posix.join(above, target));
  } catch (error) {
    if (vanished(error)) return undefined;
    throw error;
  }
}

/** Relative to the folder, which nothing leads out of; empty for the folder itself. */
function cleaned(name: string): string {
  return path.posix.join('/', name).replace(/\/$/, '').slice(1);
}
