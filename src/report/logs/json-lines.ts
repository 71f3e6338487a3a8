import { sanitiseField, sanitiseText } from '../sanitise.ts';

/** A line that is a JSON object, taken apart for people. */
export interface JsonLine {
  /** As it was written: `warn`, `40`. */
  readonly message: string;
  /** What is beside message, level and time, in the order of the line; harmless. */
  readonly fields: readonly (readonly [key: string, value: string])[];
}

const messageKeys = ['msg', 'message', '@m', '@mt', 'event', 'short_message', 'body', 'log'];
/** Told by other means or the same in all lines. */
const dullKeys: ReadonlySet<string> = new Set([
  ...['level', 'lvl', 'severity', 'levelname', 'log.level', '@l', 's'],
  ...['time', 'ts', 'timestamp', '@timestamp', '@t', 't', 'date', 'datetime'],
  ...['pid', 'hostname', 'v'],
]);

/** The parts of a JSON line, or nothing if it is none. */
export function readJsonLine(text: string): JsonLine | undefined {
  const object = parse(text);
  if (object === undefined) return undefined;
  const messageKey = messageKeys.find((key) => typeof object[key] === 'string');
  return {
    message: messageKey === undefined ? '' : sanitiseField(String(object[messageKey])),
    fields: Object.entries(object)
      .filter(([key]) => key !== messageKey && !dullKeys.has(key))
      .map(([key, value]) => [sanitiseField(key), sanitiseField(formatValue(value))]),
  };
}

/** Every field on lines of its own; nothing is left out. Nothing at all if it is no JSON line. */
export function expandJsonLine(text: string): readonly string[] | undefined {
  const object = parse(text);
  if (object === undefined) return undefined;
  return Object.entries(object).flatMap(([key, value]) => expand(key, value, '  '));
}

function expand(key: string, value: unknown, indent: string): readonly string[] {
  const name = `${indent}${sanitiseField(key)}:`;
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
  return typeof message === 'string' && 'stack' in value ? formatValue(message) : JSON.stringify(value);
}
