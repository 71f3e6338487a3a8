/** One pattern of an ignore file. */
export interface Pattern {
  /** The whole path; what is below a matching folder is the caller's business. */
  matches(path: string): boolean;
  /** False if no path inside of this folder can match. */
  mayMatchBelow(folder: string): boolean;
}

/** A part of a pattern that stands for one character (`source` says which), for some of a name, for any, or for folders. */
type Part = { readonly kind: 'one'; readonly source: string } | { readonly kind: 'name' | 'any' | 'folders' };

/**
 * How many parts of a pattern may stand for any number of characters if a regular expression is to match it: with each
 * more it tries so many times more ways, and a pattern can be a stranger's.
 */
const fewWild = 3;

/** Longer patterns, in parts, can become larger than a regular expression may be. */
const longest = 300;

/**
 * Go's `filepath.Match` with `**` for any number of folders, as Docker's pattern matcher reads it. Gives `undefined` for
 * a malformed pattern.
 */
export function compilePattern(pattern: string, mostWild = fewWild): Pattern | undefined {
  const parts = partsOf(pattern);
  if (parts === undefined) return undefined;
  const whole = matcherOf(parts, mostWild);
  const wild = pattern.includes('**') || pattern.includes('[');
  const names = wild ? [] : pattern.split('/').map((name) => matcherOf(partsOf(name) ?? [], mostWild));
  return {
    matches: whole,
    mayMatchBelow(folder) {
      // `**` and `[^a]` may stand for a slash: such a pattern can match at any depth.
      if (wild) return true;
      const folders = folder.split('/');
      return names.length > folders.length && folders.every((name, index) => names[index]?.(name) === true);
    },
  };
}

function partsOf(pattern: string): readonly Part[] | undefined {
  const characters = [...pattern];
  const parts: Part[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at++] ?? '';
    if (character === '*' && characters[at] === '*') {
      const first = at === 1;
      at += 1;
      const slash = characters[at] === '/';
      if (slash) at += 1;
      // `**/x` is x in any folder, but `**x` at the start is all that ends with x.
      const isAny = at === characters.length || (first && !slash && isPlain(characters.slice(at)));
      parts.push({ kind: isAny ? 'any' : 'folders' });
    } else if (character === '*') {
      parts.push({ kind: 'name' });
    } else if (character === '?') {
      parts.push({ kind: 'one', source: '[^/]' });
    } else if (character === '\\') {
      const next = characters[at++];
      if (next === undefined) return undefined;
      parts.push({ kind: 'one', source: literal(next) });
    } else if (character === '[') {
      const group = readGroup(characters, at);
      if (group === undefined) return undefined;
      parts.push({ kind: 'one', source: group.source });
      at = group.end;
    } else {
      parts.push({ kind: 'one', source: literal(character) });
    }
  }
  return parts;
}

type Matcher = (path: string) => boolean;

function matcherOf(parts: readonly Part[], mostWild: number): Matcher {
  const wild = parts.filter(({ kind }) => kind !== 'one').length;
  if (wild > mostWild || parts.length > longest) return stepper(parts);
  const sources = parts.map((part) => (part.kind === 'one' ? part.source : wildSources[part.kind]));
  const whole = new RegExp(`^${sources.join('')}$`, 'su');
  return (path) => whole.test(path);
}

const wildSources = { name: '[^/]*', any: '.*', folders: '(?:.*/)?' } as const;

/** Goes over the path once, with all places of the pattern at a time at which it can be. */
function stepper(parts: readonly Part[]): Matcher {
  const tests = parts.map((part) => (part.kind === 'one' ? new RegExp(`^${part.source}$`, 'su') : undefined));
  const end = parts.length;
  return (path) => {
    // Before a part, or in the middle of the folders that it stands for.
    let before = new Set([0]);
    let inside = new Set<number>();
    pass(parts, before);
    for (const character of path) {
      const nextBefore = new Set<number>();
      const nextInside = new Set<number>();
      for (const at of before) {
        const kind = parts[at]?.kind;
        if (kind === 'one' && tests[at]?.test(character)) nextBefore.add(at + 1);
        else if (kind === 'any' || (kind === 'name' && character !== '/')) nextBefore.add(at);
        else if (kind === 'folders') inside.add(at);
      }
      for (const at of inside) {
        nextInside.add(at);
        if (character === '/') nextBefore.add(at + 1);
      }
      pass(parts, nextBefore);
      [before, inside] = [nextBefore, nextInside];
    }
    return before.has(end);
  };
}

/** What stands for any number of characters may stand for none. */
function pass(parts: readonly Part[], before: Set<number>): void {
  for (const at of before) if (parts[at] !== undefined && parts[at].kind !== 'one') before.add(at + 1);
}

function isPlain(characters: readonly string[]): boolean {
  return !characters.some((character) => '*?[]\\'.includes(character));
}

/** `[a-c]`, `[^x]`: never empty; a `]` or `-` as a member needs a backslash. */
function readGroup(characters: readonly string[], from: number): { source: string; end: number } | undefined {
  let at = from;
  const negated = characters[at] === '^';
  if (negated) at += 1;
  const member = (): string | undefined => {
    const character = characters[at++];
    if (character === undefined || character === '-' || character === ']') return undefined;
    return character === '\\' ? characters[at++] : character;
  };
  let source = '';
  for (;;) {
    if (characters[at] === ']' && source !== '')
      return { source: `[${negated ? '^' : ''}${source}]`, end: at + 1 };
    const low = member();
    if (low === undefined) return undefined;
    source += literalMember(low);
    if (characters[at] !== '-') continue;
    at += 1;
    const high = member();
    if (high === undefined || codeOf(high) < codeOf(low)) return undefined;
    source += `-${literalMember(high)}`;
  }
}

/** What ranges go by: as text, characters beyond the first 65,536 would come before some of those. */
function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function literalMember(character: string): string {
  return /[\\^\]\-[]/.test(character) ? `\\${character}` : character;
}
