import { readScalar } from './scalar.ts';

/** Plain data as YAML, letter by letter as Docker Compose prints it, but for characters that cannot be seen. */
export function printYaml(value: unknown): string {
  if (isEmptyList(value)) return '[]\n';
  if (isEmptyMap(value)) return '{}\n';
  return isNested(value) ? `${lines(value, 0, '')}\n` : `${scalar(value, 0)}\n`;
}

/** Plain data as JSON with the indentation and the escapes of Docker Compose, without a line end. */
export function printJson(value: unknown, indentation = 2): string {
  const text = JSON.stringify(value, undefined, indentation);
  return escapeUnseen(text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`));
}

/** Writes characters that cannot be seen as `\uXXXX`. For text that only has them inside double quotes, such as JSON. */
export function escapeUnseen(text: string): string {
  return text.replace(unseen, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What a terminal obeys or does not show: controls, marks of the direction of writing, separators of lines. */
const unseen = /[\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;

/** What follows `key:`, with what is nested below it at an indentation. */
function below(value: unknown, indent: number): string {
  if (!isNested(value)) return ` ${scalar(value, indent)}`;
  if (isEmptyList(value)) return ' []';
  if (isEmptyMap(value)) return ' {}';
  const pad = blanks(indent);
  return `\n${pad}${lines(value, indent, pad)}`;
}

/** What follows `- ` or `? `: what is nested begins in the same line. */
function beside(value: unknown, indent: number): string {
  if (!isNested(value)) return scalar(value, indent);
  if (isEmptyList(value)) return '[]';
  return isEmptyMap(value) ? '{}' : lines(value, indent, blanks(indent));
}

/** The lines of what is nested; the blanks before all but the first of them are `pad`. */
function lines(value: object, indent: number, pad: string): string {
  let text = '';
  if (Array.isArray(value)) {
    for (const one of value) text += `${text === '' ? '' : `\n${pad}`}- ${beside(one, indent + 2)}`;
    return text;
  }
  for (const key of Object.keys(value)) {
    const one = (value as Readonly<Record<string, unknown>>)[key];
    if (one === undefined) continue;
    if (text !== '') text += `\n${pad}`;
    text += isSimpleKey(key)
      ? `${keyText(key, indent)}:${below(one, indent + 2)}`
      : `? ${scalar(key, indent + 2)}\n${pad}: ${beside(one, indent + 2)}`;
  }
  return text;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const paddings: string[] = [];

/** As many blanks as an indentation has. */
function blanks(indent: number): string {
  const known = paddings[indent] ?? ' '.repeat(indent);
  paddings[indent] = known;
  return known;
}

/** Without quotes, as Docker Compose prints it, a key `<<` would merge what is below it. */
function keyText(key: string, indent: number): string {
  return key === '<<' ? '"<<"' : scalar(key, indent);
}

function isSimpleKey(key: string): boolean {
  // A sign has three bytes at the most.
  return !key.includes('\n') && (3 * key.length <= 128 || Buffer.byteLength(key) <= 128);
}

function scalar(value: unknown, indent: number): string {
  if (typeof value === 'string') return text(value, indent);
  if (typeof value === 'number' && !Number.isInteger(value)) return float(value);
  return value === undefined ? 'null' : String(value);
}

/** A fraction as Go prints it: with an exponent below -4 and from 6 digits on. */
function float(value: number): string {
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function text(value: string, indent: number): string {
  if (plain.test(value)) return value;
  if (printable.test(value))
    return meansOther(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : singleLine(value);
  const mustEscape = escapeUnseen(value) !== value || unprintable.test(value);
  if (value.includes('\n') && !mustEscape && !/ \n| $|\r/.test(value)) return literal(value, indent);
  if (mustEscape || /[\n\t\r]/.test(value) || meansOther(value)) return doubleQuoted(value);
  return singleLine(value);
}

function singleLine(value: string): string {
  return needsQuotes.test(value) ? `'${value.replaceAll("'", "''")}'` : value;
}

/**
 * Most texts; they need not be looked at any closer. Words that mean something else are shorter, numbers and times begin in
 * another way.
 */
const plain = /^(?:\/|[A-Za-z][\w./-]{5})[\w./-]*$/;

/** What has no sign that would have to be escaped; to look for those takes V8 longer than most files need. */
const printable = /^[ -~]*$/;

/** What Go's printer escapes: controls, and all beyond the first plane of Unicode. */
const unprintable = /[^\P{Cc}\t\n]|\p{Cs}|[\uFFFE\uFFFF\u{10000}-\u{10FFFF}]/u;

/** A text that would not be one, or another, without quotes. */
const needsQuotes = /^(?:[#,[\]{}&*!|>'"%@` ]|[?:](?: |$)|-(?: |$)|---|\.\.\.)|:(?: |$)| #| $/;

/** A text that some reader takes for another value: what is none by YAML 1.2 may be one by 1.1. */
function meansOther(value: string): boolean {
  if (!/^(?:[-+.0-9~tTfFnNyYoO]|$)/.test(value)) return false;
  return (
    readScalar(value, true, undefined, nowhere).kind !== 'text' ||
    /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/.test(value) ||
    /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(value)
  );
}

const nowhere = { file: '', line: 1, column: 1 };

/** Several lines as they are; those that begin with a blank need to say where their text begins. */
function literal(value: string, indent: number): string {
  const pad = ' '.repeat(indent);
  const hint = /^[ \n]/.test(value) ? '2' : '';
  const end = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : '';
  const whole = value.endsWith('\n') ? value.slice(0, -1) : value;
  const body = whole.split('\n').map((line) => (line === '' ? '' : `${pad}${line}`));
  return [`|${hint}${end}`, ...body].join('\n');
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1B': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(value: string): string {
  const chars = Array.from(value, (char) => escapes[char] ?? (isShown(char) ? char : escaped(char)));
  return `"${chars.join('')}"`;
}

function isShown(char: string): boolean {
  return !unprintable.test(char) && escapeUnseen(char) === char;
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isEmptyMap(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => one === undefined)
  );
}
