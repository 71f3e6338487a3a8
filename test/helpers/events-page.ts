import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A field as `docs/events.md` tells of it. */
export interface Field {
  readonly name: string;
  readonly optional: boolean;
  /** `string`, `string[]`, `true`, or the name of a shape, with `[]` if there are several. */
  readonly type: string;
  readonly meaning: string;
}

export interface EventsPage {
  /** By the type of the event or the name of the shape. */
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  /** The example lines, by the type of the event. */
  readonly examples: ReadonlyMap<string, string>;
}

export function readEventsPage(): EventsPage {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/events.md'), 'utf8');
  const sections = text.split(/^### /m).slice(1);
  const named = sections.map((section) => [/^`?([\w-]+)/.exec(section)?.[1] ?? '', section] as const);
  const rows = (section: string): Field[] =>
    [...section.matchAll(/^\| `(\w+)`(\??) *\| (.+?) *\| (.*?) *\|$/gm)].map(
      ([, name = '', mark, type = '', meaning = '']) => ({
        name,
        optional: mark === '?',
        type: type.replace(/\[(\w+)\]\(#\w+\)/, '$1'),
        meaning,
      }),
    );
  return {
    fields: new Map(named.map(([name, section]) => [name, rows(section)])),
    examples: new Map(
      named.flatMap(([name, section]) => {
        const example = /^```jsonl\n(.*)\n```$/m.exec(section)?.[1];
        return example === undefined ? [] : [[name, example] as const];
      }),
    ),
  };
}

/** In what a line of JSON is not as the page says. */
export function misfits(line: string, { fields }: EventsPage): readonly string[] {
  const { v, ts, type, ...rest } = JSON.parse(line);
  const head = [
    ...(v === 1 ? [] : ['v is not 1']),
    ...(typeof ts === 'string' && new Date(ts).toISOString() === ts ? [] : [`ts is no time: ${ts}`]),
  ];
  return [...head, ...misfitsOf(rest, String(type), String(type), fields)];
}

function misfitsOf(
  value: unknown,
  shape: string,
  at: string,
  fields: EventsPage['fields'],
): readonly string[] {
  const known = fields.get(shape);
  if (known === undefined) return [`${at}: the page does not know ${shape}`];
  if (typeof value !== 'object' || value === null) return [`${at} is no object`];
  const unknown = Object.keys(value).filter((key) => !known.some(({ name }) => name === key));
  return [
    ...unknown.map((key) => `${at}.${key} is not on the page`),
    ...known.flatMap(({ name, optional, type }) => {
      const inner = (value as Record<string, unknown>)[name];
      if (inner === undefined) return optional ? [] : [`${at}.${name} is missing`];
      return misfitsOfType(inner, type, `${at}.${name}`, fields);
    }),
  ];
}

function misfitsOfType(
  value: unknown,
  type: string,
  at: string,
  fields: EventsPage['fields'],
): readonly string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((one, index) => misfitsOfType(one, type.slice(0, -2), `${at}[${index}]`, fields));
  }
  if (type === 'true') return value === true ? [] : [`${at} is not true`];
  const isPlain = ['string', 'number', 'boolean'].includes(type);
  const is: string = typeof value;
  if (isPlain) return is === type ? [] : [`${at} is no ${type}`];
  return misfitsOf(value, type, at, fields);
}
