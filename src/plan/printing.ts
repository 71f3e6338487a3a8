import { setKey } from '../model/record.ts';
import type { AttributeOf } from '../model/stack.ts';

/** A value that `JSON.stringify` prints with its keys in the order they have. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface CanonicalOptions {
  /** As in YAML: also with the `x-` keys below the top and the models, and with keys in an order of its own. */
  readonly yaml?: boolean;
}

/** How a value is printed; `undefined` leaves it out. */
export type Print = (value: unknown, options: CanonicalOptions) => Json | undefined;

/** Left out when it is empty, as Go's `omitempty` does. */
export const plain: Print = (value) =>
  value === false ||
  value === 0 ||
  value === '' ||
  value === null ||
  (Array.isArray(value) && value.length === 0)
    ? undefined
    : (value as Json | undefined);

/** Written whenever it is set. */
export const whenSet: Print = (value) => value as Json | undefined;

export const orNull: Print = (value) => (value === undefined ? null : (value as Json));

/** Not printed and no part of the hash. */
export const leftOut: Print = () => undefined;

/** The access mode of a file: octal digits behind a zero. */
export const octal: Print = (value) => (typeof value === 'number' ? `0${value.toString(8)}` : undefined);

export const orFalse: Print = (value) => value === true;

/** Sizes are texts of decimal bytes. */
export const bytes: Print = (value) => (typeof value === 'number' && value !== 0 ? String(value) : undefined);

/** A map with keys in order; left out when it is empty. */
export function mapOf(
  print: Print,
): (value: unknown, options: CanonicalOptions) => { readonly [key: string]: Json } | undefined {
  return (value, options) => {
    if (value === undefined || value === null) return undefined;
    const keys = Object.keys(value);
    if (keys.length === 0) return undefined;
    const all: Record<string, Json> = {};
    for (const key of inOrder(keys, options)) {
      setKey(all, key, print((value as Readonly<Record<string, unknown>>)[key], options) ?? null);
    }
    return all;
  };
}

export const map = mapOf(whenSet);

export function listOf(print: Print): Print {
  return (value, options) => {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    return value.map((one) => print(one, options) ?? null);
  };
}

/** An object with all keys of the model, in this order, then its `x-` keys; written even when all are left out. */
export function fields<Part>(
  table: Readonly<Record<AttributeOf<Part>, Print>>,
): (value: object, options: CanonicalOptions) => { readonly [key: string]: Json } {
  const printers = Object.entries<Print>(table);
  return (value, options) => {
    const all: Record<string, Json> = {};
    const given = value as Readonly<Record<string, unknown>>;
    for (const printer of printers) {
      const printed = printer[1](given[printer[0]], options);
      if (printed !== undefined) all[printer[0]] = printed;
    }
    if (options.yaml) {
      const extensions = Object.keys(value).filter((key) => key.startsWith('x-'));
      for (const key of inOrder(extensions, options)) all[key] = sorted(given[key], options);
    }
    return all;
  };
}

export function ifSet(print: (value: object, options: CanonicalOptions) => Json): Print {
  return (value, options) =>
    typeof value === 'object' && value !== null ? print(value, options) : undefined;
}

/** Free data with all keys in order. */
export function sorted(value: unknown, options: CanonicalOptions): Json {
  if (Array.isArray(value)) return value.map((one) => sorted(one, options));
  if (typeof value !== 'object' || value === null) return value as Json;
  return mapOf(sorted)(value, options) ?? {};
}

function inOrder(keys: string[], { yaml }: CanonicalOptions): string[] {
  return keys.length < 2 ? keys : keys.sort(yaml ? compareInYaml : compareBytes);
}

/**
 * Orders keys as Docker Compose 2.40.3 does in YAML: `_` and digits before letters, but right after a digit behind them;
 * numbers by their size.
 */
export function compareInYaml(a: string, b: string): number {
  const at = firstDifference(a, b);
  if (at === Math.min(a.length, b.length)) return a.length - b.length;
  const isPlain = isAsciiLetter(a.charCodeAt(at)) && isAsciiLetter(b.charCodeAt(at));
  return isPlain ? a.charCodeAt(at) - b.charCodeAt(at) : compareSigns(a, b, at);
}

/** Compares texts from the first sign on in which they differ. */
function compareSigns(a: string, b: string, from: number): number {
  // What differs may be the second half of a sign.
  const at = isLow(a, from) || isLow(b, from) ? from - Number(isHigh(a, from - 1)) : from;
  const one = signAt(a, at);
  const other = signAt(b, at);
  const isFirst = isLetter(one);
  if (isFirst !== isLetter(other)) return isFirst === isDigit(signBefore(a, at)) ? -1 : 1;
  if (isFirst) return compareBytes(one, other);
  return compareNumbers(a, b, at) || compareBytes(one, other);
}

/** Compares the numbers that begin, or go on, at a place: by their size, then by their length. */
function compareNumbers(a: string, b: string, at: number): number {
  // Zeros inside a number count, those before it do not.
  const isInside = (a[at] === '0' || b[at] === '0') && isInsideNumber(a, at);
  const from = isInside ? at : behindZeros(a, at);
  const others = isInside ? at : behindZeros(b, at);
  const end = behindDigits(a, at);
  const othersEnd = behindDigits(b, at);
  const longer = end - from - (othersEnd - others);
  return longer || compareBytes(a.slice(from, end), b.slice(others, othersEnd)) || end - othersEnd;
}

function isLow(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

function isHigh(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function signAt(text: string, at: number): string {
  return isHigh(text, at) && isLow(text, at + 1) ? text.slice(at, at + 2) : text.charAt(at);
}

function signBefore(text: string, at: number): string {
  return isLow(text, at - 1) && isHigh(text, at - 2) ? text.slice(at - 2, at) : text.charAt(at - 1);
}

function behindDigits(text: string, at: number): number {
  let end = at;
  while (isAsciiDigit(text.charCodeAt(end))) end++;
  return end;
}

function behindZeros(text: string, at: number): number {
  let end = at;
  while (text[end] === '0') end++;
  return end;
}

/** True if there is a digit before a place that makes a number of those that follow. */
function isInsideNumber(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === '0') before--;
  return isAsciiDigit(text.charCodeAt(before));
}

function isAsciiDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Whether it is one to begin with: to find out about all of Unicode takes V8 longer than most files need. */
function isAsciiLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function isLetter(char: string): boolean {
  const code = char.charCodeAt(0);
  return code < 0x80 ? isAsciiLetter(code) : /^\p{L}/u.test(char);
}

function isDigit(char: string): boolean {
  const code = char.charCodeAt(0);
  return code < 0x80 ? isAsciiDigit(code) : /^\p{Nd}/u.test(char);
}

/** Orders texts by their UTF-8 bytes, as Go does; the order of UTF-16 differs beyond the first plane. */
export function compareBytes(a: string, b: string): number {
  const at = firstDifference(a, b);
  const x = a.charCodeAt(at);
  const y = b.charCodeAt(at);
  if (at === Math.min(a.length, b.length)) return a.length - b.length;
  const surrogates = Number(isSurrogate(x)) - Number(isSurrogate(y));
  return surrogates === 0 ? x - y : surrogates;
}

/** Where two texts begin to differ: the length of the shorter one if the other begins with it. */
function firstDifference(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
