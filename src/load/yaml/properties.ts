import type { CST } from 'yaml';

/** What is thrown where a text turns out to be no YAML. The library is asked what is wrong with it: see `fault.ts`. */
export class Malformed extends Error {}

export function malformed(): never {
  throw new Malformed('this is not valid YAML');
}

/** What stands before a value. */
export interface Properties {
  readonly anchor: CST.SourceToken | undefined;
  readonly tag: CST.SourceToken | undefined;
  /** The sign that introduces the value. */
  readonly sign: CST.SourceToken | undefined;
  readonly comma: CST.SourceToken | undefined;
  readonly hasComment: boolean;
  readonly hasLineEnd: boolean;
  /** The last line end behind the anchor or the tag. */
  readonly lineEndBehind: CST.SourceToken | undefined;
  /** Where the anchor or the tag begins; the end if there is neither. */
  readonly start: number;
  readonly end: number;
}

export interface Surroundings {
  readonly sign: 'doc-start' | 'explicit-key-ind' | 'map-value-ind' | 'seq-item-ind';
  /** What follows. */
  readonly next: CST.Token | null | undefined;
  /** Where the tokens begin. */
  readonly offset: number;
  /** The indentation of what the value is a part of. */
  readonly indent: number;
  readonly atLineStart: boolean;
  /** Inside of brackets. */
  readonly inFlow?: true;
}

/** Reads what stands before a value. Throws `Malformed` where YAML has another order or needs a blank. */
export function propertiesOf(
  tokens: readonly CST.SourceToken[],
  { sign: wanted, next, offset, indent, atLineStart, inFlow }: Surroundings,
): Properties {
  const tabsAreBlanks = inFlow === true || (wanted === 'doc-start' && next?.type === 'flow-collection');
  let isFirst = atLineStart;
  let hasSpace = atLineStart;
  let hasComment = false;
  let hasLineEnd = false;
  let needsSpace = false;
  let tab: CST.SourceToken | undefined;
  let anchor: CST.SourceToken | undefined;
  let tag: CST.SourceToken | undefined;
  let sign: CST.SourceToken | undefined;
  let comma: CST.SourceToken | undefined;
  let lineEndBehind: CST.SourceToken | undefined;
  let start: number | undefined;
  let end = offset;
  for (const token of tokens) {
    const { type } = token;
    end = token.offset + token.source.length;
    if (needsSpace && type !== 'space' && type !== 'newline' && type !== 'comma') malformed();
    needsSpace = false;
    if (tab !== undefined && isFirst && type !== 'comment' && type !== 'newline') malformed();
    tab = undefined;
    if (type === 'space') {
      if (!tabsAreBlanks && token.source.includes('\t')) tab = token;
      hasSpace = true;
    } else if (type === 'newline') {
      isFirst = true;
      hasSpace = true;
      hasLineEnd = true;
      if (anchor !== undefined || tag !== undefined) lineEndBehind = token;
    } else if (type === 'comment') {
      if (!hasSpace) malformed();
      hasComment = true;
      isFirst = false;
    } else if (type === 'anchor' || type === 'tag') {
      if ((type === 'anchor' ? anchor : tag) !== undefined) malformed();
      if (type === 'anchor') anchor = token;
      else tag = token;
      start ??= token.offset;
      isFirst = false;
      hasSpace = false;
      needsSpace = true;
    } else if (type === wanted) {
      if (anchor !== undefined || tag !== undefined || sign !== undefined) malformed();
      sign = token;
      isFirst = wanted === 'seq-item-ind' || wanted === 'explicit-key-ind';
      hasSpace = false;
    } else if (type === 'comma' && inFlow === true) {
      if (comma !== undefined) malformed();
      comma = token;
      isFirst = false;
      hasSpace = false;
    } else malformed();
  }
  if (needsSpace && !separates(next)) malformed();
  const isBlock = next?.type === 'block-map' || next?.type === 'block-seq';
  if (tab !== undefined && (isBlock || (isFirst && tab.indent <= indent))) malformed();
  return { anchor, tag, sign, comma, hasComment, hasLineEnd, lineEndBehind, start: start ?? end, end };
}

/** True if what follows may follow an anchor or a tag at once. */
function separates(next: CST.Token | null | undefined): boolean {
  if (next === null || next === undefined) return true;
  const { type } = next;
  if (type === 'scalar') return next.source === '';
  return type === 'space' || type === 'newline' || type === 'comma';
}

/** Where the tokens behind a value end. Throws `Malformed` if there is more than blanks and comments. */
export function endOf(
  tokens: readonly CST.SourceToken[] | undefined,
  offset: number,
  needsSpace: boolean,
): number {
  if (tokens === undefined) return offset;
  let end = offset;
  let hasSpace = false;
  for (const { type, source } of tokens) {
    if (type === 'space' || type === 'newline') hasSpace = true;
    else if (type !== 'comment' || (needsSpace && !hasSpace)) malformed();
    end += source.length;
  }
  return end;
}

/** Where a value stands that was not written: behind what is before it, before the blank lines and comments that follow. */
export function placeOfNothing(end: number, before: readonly CST.SourceToken[] | undefined): number {
  if (before === undefined) return end;
  let place = end;
  let index = before.length - 1;
  for (; index >= 0; index--) {
    const { type, source } = before[index] as CST.SourceToken;
    if (type !== 'space' && type !== 'comment' && type !== 'newline') break;
    place -= source.length;
  }
  if (index < 0) return place;
  for (index++; before[index]?.type === 'space'; index++) place += before[index]?.source.length ?? 0;
  return place;
}

/** True if a key goes over more than one line. */
export function hasLineEnd(token: CST.Token | null | undefined): boolean {
  if (token === null || token === undefined) return false;
  switch (token.type) {
    case 'alias':
    case 'scalar':
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
      return token.source.includes('\n') || hasNewline(token.end);
    case 'flow-collection':
      return token.items.some(
        ({ start, key, sep, value }) =>
          hasNewline(start) || hasNewline(sep) || hasLineEnd(key) || hasLineEnd(value),
      );
    default:
      return true;
  }
}

function hasNewline(tokens: readonly CST.SourceToken[] | undefined): boolean {
  return tokens?.some(({ type }) => type === 'newline') === true;
}
