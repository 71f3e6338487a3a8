import { posix } from 'node:path';
import { failure } from '../../model/problem.ts';
import { compilePattern, type Pattern } from './pattern.ts';

/** Which paths of a folder do not count. Paths are relative to it, with `/`. */
export interface Ignore {
  ignored(relativePath: string): boolean;
  /** True for an ignored folder that cannot contain anything that is not ignored. */
  prunes(relativePath: string): boolean;
}

/** The patterns of a `.dockerignore` file: no comments, no empty lines, leading and trailing `/` gone. */
export function parseDockerignore(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const except = line.startsWith('!');
      const pattern = clean(except ? line.slice(1).trim() : line);
      return except ? `!${pattern}` : pattern;
    });
}

/**
 * Decides as the builder of Docker does: the last pattern that matches a path wins, and what matches a folder holds for
 * everything in it. Throws on a malformed pattern, which is what the builder does too.
 *
 * A pattern that could change nothing about a folder is not tried on it, and then does not hold for what is inside:
 * after `a/b`, `!a` does not bring back `a/b`.
 */
export function createIgnore(patterns: readonly string[]): Ignore {
  const rules = patterns.filter((pattern) => pattern.trim() !== '').map(createRule);
  const exceptions = rules.filter((rule) => rule.except);
  /** By folder those of the rules, by index, that hold for everything below. */
  const folders = new Map<string, readonly boolean[]>([['.', []]]);

  /** Whole folders are asked about one after the other. */
  let last: { readonly start: string; readonly matched: readonly boolean[] } | undefined;

  const matchedAbove = (path: string): readonly boolean[] => {
    const length = path.lastIndexOf('/') + 1;
    if (last?.start.length === length && path.startsWith(last.start)) return last.matched;
    const matched = matchedBy(posix.dirname(path));
    last = { start: path.slice(0, length), matched };
    return matched;
  };

  const matchedBy = (folder: string): readonly boolean[] => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const matched: boolean[] = [];
    isIgnored(folder, matched);
    folders.set(folder, matched);
    return matched;
  };

  /** @param matched gets which of the rules match, by index */
  const isIgnored = (path: string, matched?: boolean[]): boolean => {
    if (rules.length === 0) return false;
    const above = matchedAbove(path);
    let ignored = false;
    rules.forEach(({ except, pattern }, index) => {
      const matches = above[index] === true || (except === ignored && pattern.matches(path));
      if (matched !== undefined) matched[index] = matches;
      if (matches) ignored = !except;
    });
    return ignored;
  };

  return {
    ignored: (path) => isIgnored(path),
    prunes: (path) => isIgnored(path) && !exceptions.some((rule) => rule.pattern.mayMatchBelow(path)),
  };
}

interface Rule {
  /** Written with `!`: brings back what it matches. */
  readonly except: boolean;
  readonly pattern: Pattern;
}

function createRule(text: string): Rule {
  const cleaned = text.trim();
  const except = cleaned.startsWith('!');
  const pattern = except ? cleaned.slice(1) : cleaned;
  const compiled = pattern === '' ? undefined : compilePattern(clean(pattern));
  if (compiled === undefined) {
    throw failure({
      code: 'invalid-value',
      message: `the ignore pattern ${JSON.stringify(text)} is malformed`,
      hint: 'close each bracket, and write \\[ for a bracket that is meant as such',
    });
  }
  return { except, pattern: compiled };
}

/** `./a//b/` is `a/b`; an absolute path is meant relative to the folder. */
function clean(pattern: string): string {
  if (pattern === '') return pattern;
  const normal = posix.normalize(pattern);
  const open = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  return open.length > 1 && open.startsWith('/') ? open.slice(1) : open;
}
