import type { Location } from '../../model/problem.ts';
import type { Node } from '../node.ts';

/**
 * What a YAML scalar means to Docker Compose 2.40.3: booleans and empty values as in YAML 1.2, numbers as Go reads
 * them (`0777` is octal, `1_000` a thousand, `22:22` text), dates of their own. With a tag that YAML does not know, such
 * as `!override`, it is text.
 */
export function readScalar(
  source: string,
  plain: boolean,
  tag: string | undefined,
  location: Location,
): Node {
  if (tag === undefined || tag === '!reset') {
    return plain ? readPlain(source, location) : { kind: 'text', value: source, location };
  }
  if (tag === 'tag:yaml.org,2002:binary') {
    return { kind: 'text', value: decodeBase64(source), location };
  }
  const forced = /^tag:yaml\.org,2002:(int|float|bool|null)$/.test(tag);
  return forced ? readPlain(source, location) : { kind: 'text', value: source, location };
}

function readPlain(source: string, location: Location): Node {
  // All other beginnings are text; most scalars are done here.
  if (!/^[-+.0-9~tTfFnN]|^$/.test(source)) return { kind: 'text', value: source, location };
  if (/^(?:|~|null|Null|NULL)$/.test(source)) return { kind: 'empty', location };
  if (/^(?:true|True|TRUE)$/.test(source)) return boolean(true, source, location);
  if (/^(?:false|False|FALSE)$/.test(source)) return boolean(false, source, location);
  if (isDate(source)) return { kind: 'date', value: source, location };
  return (
    readInteger(source, location) ?? readFloat(source, location) ?? { kind: 'text', value: source, location }
  );
}

function boolean(value: boolean, source: string, location: Location): Node {
  return { kind: 'boolean', value, location, ...unlike(String(value), source) };
}

/** What is written, if Docker Compose prints another text for it. */
function unlike(text: string, source: string): { readonly written?: string } {
  return text === source ? {} : { written: source };
}

function readInteger(source: string, location: Location): Node | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[0-9]+)$/.exec(
    source.replaceAll('_', ''),
  );
  if (match === null || !/^[-+]?[0-9]/.test(source)) return undefined;
  const [, sign = '', digits = ''] = match;
  if (/^0[0-9]*[89]/.test(digits)) return undefined;
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  const value = sign === '-' ? -size : size;
  // Beyond 64 bits Go takes the number for a float.
  if (value >= 2n ** 64n || value < -(2n ** 63n)) return undefined;
  const text = String(value);
  return { kind: 'number', value: Number(value), integer: true, text, location, ...unlike(text, source) };
}

function readFloat(source: string, location: Location): Node | undefined {
  const infinite = /^([-+]?)\.(?:inf|Inf|INF)$/.exec(source);
  if (infinite !== null) return float(infinite[1] === '-' ? -Infinity : Infinity, source, location);
  if (/^\.(?:nan|NaN|NAN)$/.test(source)) return float(Number.NaN, source, location);
  const digits = source.replaceAll('_', '');
  if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? float(value, source, location) : undefined;
}

function float(value: number, source: string, location: Location): Node {
  const text = goFloat(value);
  return { kind: 'number', value, integer: false, text, location, ...unlike(text, source) };
}

/** A float as Go's `%v` prints it: the shortest digits, with an exponent below -4 and from 6 on. */
function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function isDate(source: string): boolean {
  return /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?$/.test(source);
}

function decodeBase64(source: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(source), (char) => char.charCodeAt(0)));
  } catch {
    return source;
  }
}
