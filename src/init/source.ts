import type { Folder } from './folder.ts';

/** Where sources connect to, and hardly listen. */
const ofDatabases: ReadonlySet<number> = new Set([3306, 5432, 5672, 6379, 9200, 11_211, 27_017]);

/** The port that sources say they listen on; the file that is started is looked at first. */
export function portInSources(
  { texts }: Folder,
  pattern: RegExp,
  patterns: readonly RegExp[],
  first?: string,
): number | undefined {
  const sources = [...texts].filter(([file]) => pattern.test(file) && !/test|spec/i.test(file));
  const ordered = sources.toSorted(([a], [b]) => Number(b === first) - Number(a === first));
  for (const [, text] of ordered) {
    for (const one of patterns) {
      const port = Number(one.exec(text)?.[1]);
      if (Number.isInteger(port) && port > 0 && port < 65_536 && !ofDatabases.has(port)) return port;
    }
  }
  return undefined;
}

/** The first of these files that there is. */
export function firstOf({ files }: Folder, names: readonly string[]): string | undefined {
  return names.find((name) => files.includes(name));
}
