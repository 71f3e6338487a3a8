import { sgrSource } from '../sanitise.ts';
import { createGuard, type Guard, isRisky } from './guard.ts';

/** What to look for in lines. */
export interface Pattern {
  /** As it was typed. */
  readonly text: string;
  readonly regex: RegExp;
  /** The same for all places of a text at once. */
  readonly everywhere: RegExp;
  /** Lines that have it are left out. */
  readonly negated: boolean;
  /** Words, no regular expression. */
  readonly isPlain: boolean;
  /** Of one that may take for ever. */
  readonly guard?: Guard;
}

const colours = new RegExp(sgrSource, 'g');

/**
 * A pattern as people type it: `text`, `/regex/` or `/regex/i`; `!` before it means lines without it. Without capitals
 * it does not matter how words are capitalised.
 *
 * @throws {SyntaxError} with a message for people if it is no regular expression.
 */
export function readPattern(typed: string): Pattern {
  const negated = typed.length > 1 && typed.startsWith('!');
  const text = negated ? typed.slice(1) : typed;
  const [, source, flags = ''] = /^\/(.+)\/([imsu]*)$/.exec(text) ?? [];
  if (source === undefined) {
    const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    return { text: typed, negated, isPlain: true, ...compile(literal, caseFlag(text)) };
  }
  const smart = flags === '' ? caseFlag(source.replace(/\\(?:[pP]\{[^}]*\}|.)/g, '')) : flags;
  const compiled = compile(source, smart);
  const guard = isRisky(source) ? { guard: createGuard(compiled.regex, compiled.everywhere) } : {};
  return { text: typed, negated, isPlain: false, ...compiled, ...guard };
}

/**
 * Whether a line is one that the pattern asks for: by what it says or, where plain words are looked for, by the service
 * that wrote it. Colours are no part of a line.
 */
export function isMatch(pattern: Pattern, text: string, service = ''): boolean {
  const { regex, negated, isPlain, guard } = pattern;
  if (guard?.isGivenUp() === true) return false;
  const plain = withoutColours(text);
  const isFound =
    guard === undefined
      ? (isPlain && service !== '' && regex.test(service)) || regex.test(plain)
      : (tried.get(pattern)?.get(plain) ?? guard.test([plain])[0] === true);
  return isFound !== negated;
}

/** What was tried beforehand. */
const tried = new WeakMap<Pattern, ReadonlyMap<string, boolean>>();

/** Tries a pattern on many lines at once where that is quicker than on one after the other. */
export function tryBeforehand(pattern: Pattern, lines: readonly string[]): void {
  if (pattern.guard === undefined) return;
  const texts = lines.map(withoutColours);
  const found = pattern.guard.test(texts);
  tried.set(pattern, new Map(texts.map((text, place) => [text, found[place] === true])));
}

/** All places of a line that match. */
export function placesOf({ everywhere, guard }: Pattern, text: string): readonly RegExpMatchArray[] {
  return guard === undefined ? [...text.matchAll(everywhere)] : guard.places(text);
}

/** The text alone. */
export function withoutColours(text: string): string {
  return text.includes('\u001B') ? text.replace(colours, '') : text;
}

function caseFlag(text: string): string {
  return /\p{Lu}/u.test(text) ? '' : 'i';
}

function compile(source: string, flags: string): Pick<Pattern, 'regex' | 'everywhere'> {
  try {
    return { regex: made(source, flags), everywhere: everywhere(source, flags) };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(said.replace(/^Invalid regular expression: .*: /s, ''));
  }
}

/** By whole characters, because each place is painted on its own; if only the laxer grammar takes it, by that. */
function everywhere(source: string, flags: string): RegExp {
  try {
    return made(source, flags.includes('u') ? `${flags}g` : `${flags}gu`);
  } catch {
    return made(source, `${flags}g`);
  }
}

/** V8 makes its code when it is first tried, for text of either width; for one that is too large that fails. */
function made(source: string, flags: string): RegExp {
  const regex = new RegExp(source, flags);
  for (const text of ['', '\u0100']) regex.test(text);
  regex.lastIndex = 0;
  return regex;
}
