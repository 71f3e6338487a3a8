import { sanitiseField, sanitiseText } from '../sanitise.ts';

/** A line that is a JSON object, taken apart for people. */
export interface JsonLine {
  /** Empty if it has none. */
  readonly message: string;
  /** What is beside message, level and time, in the order of the line; harmless. */
  readonly fields: readonly (readonly [key: string, value: string])[];
}

const messageKeys = ['msg', 'message', '@m', '@mt', 'event', 'short_message', 'body', 'log'];
/** Told by other means: the level as a word, the time if times are shown. */
const levelKeys = [
  'level',
  'lvl',
  'severity',
  'levelname',
  'level_name',
  'loglevel',
  'log.level',
  'Level',
  '@l',
];
const timeKeys = ['time', 'ts', 'timestamp', '@timestamp', '@t'];
const toldOtherwise: ReadonlySet<string> = new Set([...levelKeys, ...timeKeys]);
/** The same in all lines of a program that logs by pino or bunyan. */
const alwaysSame: ReadonlySet<string> = new Set(['pid', 'hostname', 'v']);
/** Level and time of MongoDB. */
const ofMongo: ReadonlySet<string> = new Set(['t', 's']);

/** The parts of a JSON line, or nothing if it is none or says nothing but level and time. */
export function readJsonLine(text: string): JsonLine | undefined {
  const object = parse(text);
  if (object === undefined) return undefined;
  const messageKey = messageKeys.find((key) => typeof object[key] === 'string');
  const isPino = 'pid' in object && 'hostname' in object;
  const isMongo = typeof object.t === 'object' && object.t !== null && '$date' in object.t;
  const isDull = (key: string): boolean =>
    toldOtherwise.has(key) || (isPino && alwaysSame.has(key)) || (isMongo && ofMongo.has(key));
  const fields = Object.entries(object).filter(([key]) => key !== messageKey && !isDull(key));
  if (messageKey === undefined && fields.length === 0) return undefined;
  return {
    message: messageKey === undefined ? '' : sanitiseField(String(object[messageKey])),
    fields: fields.map(([key, value]) => [sanitiseField(key), sanitiseField(formatValue(value))]),
  };
}

/** Columns of indentation from which on what is inside stays on its line. */
const deepest = 16;

/** Every field on lines of its own; nothing is left out. Nothing at all if it is no JSON line. */
export function expandJsonLine(text: string): readonly string[] | undefined {
  const object = parse(text);
  if (object === undefined) return undefined;
  return Object.entries(object).flatMap(([key, value]) => expand(key, value, '  '));
}

function expand(key: string, value: unknown, indent: string): readonly string[] {
  const name = `${indent}${sanitiseField(key)}:`;
  if (indent.length >= deepest) return [`${name} ${sanitiseField(formatValue(value))}`];
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).flatMap(([next, item]) => expand(next, item, `${indent}  `));
    return inner.length === 0 ? [`${name} ${Array.isArray(value) ? '[]' : '{}'}`] : [name, ...inner];
  }
  const [first = '', ...others] = sanitiseText(String(value), { colour: false });
  if (others.length === 0) return [`${name} ${first}`];
  return [name, ...[first, ...others].map((line) => `${indent}  ${line}`)];
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined;
  try {
    return JSON.parse(trimmed) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** As short as can be: an error by its message, other objects as JSON. */
function formatValue(value: unknown): string {
  if (typeof value === 'string') return value === '' || /\s/.test(value) ? JSON.stringify(value) : value;
  if (typeof value !== 'object' || value === null) return String(value);
  const { message } = value as { message?: unknown };
  return typeof message === 'string' && 'stack' in value ? formatValue(message) : stringify(value);
}

/** What is nested thousands of times can be read but not be written. */
function stringify(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return '…';
    throw error;
  }
}
