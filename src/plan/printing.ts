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
    const entries = Object.entries(value).map(([key, one]): [string, Json] => [
      key,
      print(one, options) ?? null,
    ]);
    return entries.length === 0 ? undefined : Object.fromEntries(inOrder(entries, options));
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
    const entries: [string, Json][] = [];
    for (const [key, print] of printers) {
      const printed = print((value as Readonly<Record<string, unknown>>)[key], options);
      if (printed !== undefined) entries.push([key, printed]);
    }
    return { ...Object.fromEntries(entries), ...extensions(value, options) };
  };
}

export function ifSet(print: (value: object, options: CanonicalOptions) => Json): Print {
  return (value, options) =>
    typeof value === 'object' && value !== null ? print(value, options) : undefined;
}

function extensions(value: object, options: CanonicalOptions): { readonly [key: string]: Json } {
  if (!options.yaml) return {};
  const own = Object.entries(value).filter(([key]) => key.startsWith('x-'));
  const printed = own.map(([key, one]): [string, Json] => [key, sorted(one, options)]);
  return Object.fromEntries(inOrder(printed, options));
}

/** Free data with all keys in order. */
export function sorted(value: unknown, options: CanonicalOptions): Json {
  if (Array.isArray(value)) return value.map((one) => sorted(one, options));
  if (typeof value !== 'object' || value === null) return value as Json;
  return mapOf(sorted)(value, options) ?? {};
}

function inOrder(entries: readonly [string, Json][], { yaml }: CanonicalOptions): [string, Json][] {
  const compare = yaml ? compareInYaml : compareBytes;
  return entries.toSorted(([a], [b]) => compare(a, b));
}

/**
 * Orders keys as Docker Compose 2.40.3 does in YAML: `_` and digits before letters, but right after a digit behind them;
 * numbers by their size.
 */
export function compareInYaml(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  const at = x.findIndex((char, index) => char !== y[index]);
  const [one, other] = [x[at], y[at]];
  if (one === undefined || other === undefined) return x.length - y.length;
  const isFirst = isLetter(one);
  if (isFirst !== isLetter(other)) return isFirst === isDigit(x[at - 1]) ? -1 : 1;
  if (isFirst) return compareBytes(one, other);
  // Zeros inside a number count, those before it do not.
  const before = x.slice(0, at).join('');
  const inside = (one === '0' || other === '0') && /[1-9][0-9]*$/.test(before);
  const [own, others] = [x, y].map((chars) => /^[0-9]*/.exec(chars.slice(at).join(''))?.[0] ?? '');
  const size = (digits = '') => BigInt(`${inside ? 1 : 0}${digits}`);
  if (size(own) !== size(others)) return size(own) < size(others) ? -1 : 1;
  return (own ?? '').length - (others ?? '').length || compareBytes(one, other);
}

function isLetter(char: string): boolean {
  return /^\p{L}/u.test(char);
}

function isDigit(char = ''): boolean {
  return /^\p{Nd}/u.test(char);
}

/** Orders texts by their UTF-8 bytes, as Go does; the order of UTF-16 differs beyond the first plane. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  const x = a.charCodeAt(at);
  const y = b.charCodeAt(at);
  if (at === length) return a.length - b.length;
  const surrogates = Number(isSurrogate(x)) - Number(isSurrogate(y));
  return surrogates === 0 ? x - y : surrogates;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
