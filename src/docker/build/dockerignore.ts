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
  const folders = new Map<string, Verdict>([['.', { ignored: false, matched: [] }]]);

  const verdictOfFolder = (path: string): Verdict => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const verdict = judge(path);
    folders.set(path, verdict);
    return verdict;
  };

  const judge = (path: string): Verdict => {
    const parent = verdictOfFolder(posix.dirname(path));
    const matched: boolean[] = [];
    let ignored = false;
    rules.forEach((rule, index) => {
      const changes = rule.except === ignored;
      const matches = parent.matched[index] === true || (changes && rule.pattern.matches(path));
      matched[index] = matches;
      if (matches) ignored = !rule.except;
    });
    return { ignored, matched };
  };

  return {
    ignored: (path) => rules.length > 0 && judge(path).ignored,
    prunes: (path) =>
      rules.length > 0 && judge(path).ignored && !exceptions.some((rule) => rule.pattern.mayMatchBelow(path)),
  };
}

interface Rule {
  /** Written with `!`: brings back what it matches. */
  readonly except: boolean;
  readonly pattern: Pattern;
}

interface Verdict {
  readonly ignored: boolean;
  /** By index of the rule: those that hold for everything below. */
  readonly matched: readonly boolean[];
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
