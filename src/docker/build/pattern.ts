/** One pattern of an ignore file. */
export interface Pattern {
  /** The whole path; what is below a matching folder is the caller's business. */
  matches(path: string): boolean;
  /** False if no path inside of this folder can match. */
  mayMatchBelow(folder: string): boolean;
}

/**
 * Go's `filepath.Match` with `**` for any number of folders, as Docker's pattern matcher reads it. Gives `undefined` for
 * a malformed pattern.
 */
export function compilePattern(pattern: string): Pattern | undefined {
  const whole = translate(pattern);
  if (whole === undefined) return undefined;
  const wild = pattern.includes('**') || pattern.includes('[');
  const parts = wild ? [] : pattern.split('/').map(translate);
  return {
    matches: (path) => whole.test(path),
    mayMatchBelow(folder) {
      // `**` and `[^a]` may stand for a slash: such a pattern can match at any depth.
      if (wild) return true;
      const names = folder.split('/');
      return parts.length > names.length && names.every((name, index) => parts[index]?.test(name) === true);
    },
  };
}

function translate(pattern: string): RegExp | undefined {
  const characters = [...pattern];
  let source = '';
  let at = 0;
  while (at < characters.length) {
    const character = characters[at++] ?? '';
    if (character === '*' && characters[at] === '*') {
      const first = at === 1;
      at += 1;
      const slash = characters[at] === '/';
      if (slash) at += 1;
      // `**/x` is x in any folder, but `**x` at the start is all that ends with x.
      if (at === characters.length) source += '.*';
      else source += first && !slash && isPlain(characters.slice(at)) ? '.*' : '(?:.*/)?';
    } else if (character === '*') {
      source += '[^/]*';
    } else if (character === '?') {
      source += '[^/]';
    } else if (character === '\\') {
      const next = characters[at++];
      if (next === undefined) return undefined;
      source += literal(next);
    } else if (character === '[') {
      const group = readGroup(characters, at);
      if (group === undefined) return undefined;
      source += group.source;
      at = group.end;
    } else {
      source += literal(character);
    }
  }
  return new RegExp(`^${source}$`, 'su');
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
    if (high === undefined) return undefined;
    if (high < low) return undefined;
    source += `-${literalMember(high)}`;
  }
}

function literal(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function literalMember(character: string): string {
  return /[\\^\]\-[]/.test(character) ? `\\${character}` : character;
}
