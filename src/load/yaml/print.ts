import { readScalar } from './scalar.ts';

/** Plain data as YAML, letter by letter as Docker Compose prints it, but for characters that cannot be seen. */
export function printYaml(value: unknown): string {
  const text = below(value, 0);
  return text.startsWith('\n') ? `${text.slice(1)}\n` : `${text.trimStart()}\n`;
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
  if (isEmptyList(value)) return ' []';
  if (isEmptyMap(value)) return ' {}';
  return typeof value === 'object' && value !== null
    ? `\n${lines(value, indent)}`
    : ` ${scalar(value, indent)}`;
}

/** What follows `- ` or `? `: what is nested begins in the same line. */
function beside(value: unknown, indent: number): string {
  const text = below(value, indent);
  return text.startsWith('\n') ? text.slice(1 + indent) : text.slice(1);
}

function lines(value: object, indent: number): string {
  const pad = ' '.repeat(indent);
  if (Array.isArray(value)) {
    return value.map((one: unknown) => `${pad}- ${beside(one, indent + 2)}`).join('\n');
  }
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one]) =>
      isSimpleKey(key)
        ? `${pad}${scalar(key, indent)}:${below(one, indent + 2)}`
        : `${pad}? ${scalar(key, indent + 2)}\n${pad}: ${beside(one, indent + 2)}`,
    )
    .join('\n');
}

function isSimpleKey(key: string): boolean {
  return !key.includes('\n') && new TextEncoder().encode(key).length <= 128;
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
  const mustEscape = escapeUnseen(value) !== value || unprintable.test(value);
  if (value.includes('\n') && !mustEscape && !/ \n| $|\r/.test(value)) return literal(value, indent);
  if (mustEscape || /[\n\t\r]/.test(value) || meansOther(value)) return doubleQuoted(value);
  return needsQuotes.test(value) ? `'${value.replaceAll("'", "''")}'` : value;
}

/** What Go's printer escapes: controls, and all beyond the first plane of Unicode. */
const unprintable = /[^\P{Cc}\t\n]|\p{Cs}|[\uFFFE\uFFFF\u{10000}-\u{10FFFF}]/u;

/** A text that would not be one, or another, without quotes. */
const needsQuotes = /^(?:[#,[\]{}&*!|>'"%@` ]|[?:](?: |$)|-(?: |$)|---|\.\.\.)|:(?: |$)| #| $/;

/** A text that some reader takes for another value: what is none by YAML 1.2 may be one by 1.1. */
function meansOther(value: string): boolean {
  const place = { file: '', line: 1, column: 1 };
  return (
    readScalar(value, true, undefined, place).kind !== 'text' ||
    /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/.test(value) ||
    /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(value)
  );
}

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
