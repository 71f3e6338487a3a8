import type { Entry, Node } from '../node.ts';
import { describe, hasVariable, listNode, mapNode, scalarText } from '../node.ts';
import { broken, complain, item, type Place, within } from '../report.ts';
import { adviceFor, adviceForKey } from './advice.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** One kind of value a stack file can have: how it is read, merged and described. */
export interface Shape {
  /**
   * Checks a value as one file has it and brings it into its long form. Problems are told; what is wrong becomes a
   * broken node. Reading a value that was read before gives the same value.
   */
  readonly read: (node: Node, place: Place) => Node;
  /** The value that two files give together; both were read and are neither broken nor empty. */
  readonly merge: (base: Node, over: Node) => Node;
  readonly schema: JsonSchema;
  /** An empty value means something of its own and is handed to `read`. */
  readonly takesEmpty?: true;
  /** Where variables are not replaced, the value stays in the form it is written in. */
  readonly keepsForm?: true;
}

/** An attribute of a table. */
export interface Attribute extends Shape {
  /** One sentence for editors. */
  readonly about: string;
}

export type Table<Key extends string = string> = Readonly<Record<Key, Attribute>>;

/** Puts the sentence that editors show to a shape. */
export function about(text: string, shape: Shape): Attribute {
  return { ...shape, about: text };
}

/** The last file wins. */
export function replace(_base: Node, over: Node): Node {
  return over;
}

/** A problem of the wrong kind of value. */
export function wrongType(node: Node, place: Place, expected: string): Node {
  if (node.kind === 'broken') return node;
  return broken(place, node, {
    code: 'wrong-type',
    message: `\`${place.path}\` must be ${expected}, but here is ${describe(node)}`,
    ...adviceFor(node, expected),
  });
}

/** Reads a value by its shape. An empty value is only wrong if no other file gives one. */
export function readBy(shape: Shape, node: Node, place: Place): Node {
  if (node.tag === 'reset' || node.kind === 'broken') return node;
  const read =
    node.kind === 'empty' && !shape.takesEmpty ? missing(shape, node, place) : readValue(shape, node, place);
  return node.tag === 'override' && read.tag === undefined ? { ...read, tag: 'override' } : read;
}

/** Reads a value that is there. */
export function readValue(shape: Shape, node: Node, place: Place): Node {
  return place.asWritten && shape.keepsForm ? keptForm(shape.read, node, place) : shape.read(node, place);
}

/** A value in the form it is written in; what has no variable is checked all the same. */
export function keptForm(read: Shape['read'], node: Node, place: Place): Node {
  if (!hasVariable(node)) read(node, place);
  return node.kind === 'list' || node.kind === 'map' ? { ...node, asWritten: true } : node;
}

function missing(shape: Shape, node: Node, place: Place): Node {
  return { kind: 'broken', location: node.location, complain: () => void shape.read(node, place) };
}

/** Merges by a shape, after the rules that hold for all of them: `!reset`, `!override`, and empty values change nothing. */
export function mergeBy(shape: Shape, base: Node, over: Node): Node {
  if (base.tag === 'reset' || over.tag !== undefined) return over;
  if (isEmpty(over)) return base;
  if (isEmpty(base)) return over;
  const merged = shape.merge(base, over);
  const isReplaced = merged === over && over.kind !== 'map' && over.kind !== 'list';
  return isReplaced ? { ...over, replaced: base } : merged;
}

function isEmpty(node: Node): boolean {
  return node.kind === 'broken';
}

/** A map with fixed keys. Keys that begin with `x-` are kept as they are. */
export function fields(table: Table): Shape {
  return {
    read: (node, place) => {
      if (node.kind !== 'map') return wrongType(node, place, 'a map');
      const entries = new Map<string, Entry>();
      for (const [key, entry] of node.entries) {
        const value = readField(table, key, entry, within(place, key));
        if (value !== undefined) entries.set(key, { value, at: entry.at });
      }
      return mapNode(entries, node);
    },
    merge: (base, over) => mergeMaps(base, over, (key) => ownField(table, key) ?? anything),
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(table).map(([key, shape]) => [key, { description: shape.about, ...shape.schema }]),
      ),
      patternProperties: { '^x-': {} },
      additionalProperties: false,
    },
  };
}

function ownField(table: Table, key: string): Attribute | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function readField(table: Table, key: string, entry: Entry, place: Place): Node | undefined {
  const shape = ownField(table, key);
  if (shape !== undefined) return readBy(shape, entry.value, place);
  if (key.startsWith('x-')) return entry.value;
  if (entry.value.tag === 'reset') return undefined;
  complain(
    place,
    { location: entry.at },
    {
      code: 'unknown-key',
      message: `\`${place.path}\` is not known`,
      ...adviceForKey(key, table),
    },
  );
  return undefined;
}

/** A map that cannot do without some keys. It is only wrong if no other file gives them. */
export function requiring(shape: Shape, keys: readonly string[]): Shape {
  return {
    ...shape,
    read: (node, place) => {
      const read = shape.read(node, place);
      if (read.kind !== 'map' || node.kind !== 'map') return read;
      const entries = new Map(read.entries);
      for (const key of keys.filter((one) => !node.entries.has(one))) {
        const complainOfKey = () => {
          const message = `\`${place.path}\` has no \`${key}\``;
          complain(within(place, key), node, { code: 'invalid-value', message });
        };
        const value: Node = { kind: 'broken', location: node.location, complain: complainOfKey };
        entries.set(key, { value, at: node.location });
      }
      return { ...read, entries };
    },
    schema: { ...shape.schema, required: keys },
  };
}

/** A shape whose value may be left out: `default:` alone. */
export function orNothing(shape: Shape): Shape {
  return {
    read: (node, place) => (node.kind === 'empty' ? node : shape.read(node, place)),
    merge: (base, over) => {
      if (over.kind === 'empty') return base;
      return base.kind === 'empty' ? over : shape.merge(base, over);
    },
    schema: { oneOf: [{ type: 'null' }, shape.schema] },
    takesEmpty: true,
  };
}

export interface MapOptions {
  /** What a key must look like, and what it is called. */
  readonly keys?: { readonly pattern: RegExp; readonly message: (key: string) => string };
}

/** A map whose keys are names. */
export function mapOf(shape: Shape, options: MapOptions = {}): Shape {
  return {
    read: (node, place) => {
      if (node.kind !== 'map') return wrongType(node, place, 'a map');
      const entries = new Map<string, Entry>();
      for (const [key, entry] of node.entries) {
        if (options.keys !== undefined && !options.keys.pattern.test(key)) {
          const message = options.keys.message(key);
          complain(within(place, key), { location: entry.at }, { code: 'invalid-value', message });
          continue;
        }
        entries.set(key, { at: entry.at, value: readBy(shape, entry.value, within(place, key)) });
      }
      return mapNode(entries, node);
    },
    merge: (base, over) => mergeMaps(base, over, () => shape),
    schema: {
      type: 'object',
      ...(options.keys === undefined
        ? { additionalProperties: shape.schema }
        : {
            patternProperties: { [options.keys.pattern.source]: shape.schema },
            additionalProperties: false,
          }),
    },
  };
}

/** Merges two maps key by key; keys that only one of them has are taken over. */
export function mergeMaps(base: Node, over: Node, shapeOf: (key: string) => Shape): Node {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const known = entries.get(key);
    if (known === undefined) {
      entries.set(key, entry);
      continue;
    }
    const value = mergeBy(shapeOf(key), known.value, entry.value);
    entries.set(key, value === known.value ? known : { value, at: entry.at });
  }
  return mapNode(entries, base);
}

/** What stands under `x-` keys: never looked at; maps merge and lists append as everywhere. */
export const anything: Shape = {
  read: (node) => node,
  merge: (base, over) => {
    if (base.kind === 'list' && over.kind === 'list') return listNode([...base.items, ...over.items], base);
    return mergeMaps(base, over, () => anything);
  },
  schema: {},
  takesEmpty: true,
};

export interface ListOptions {
  readonly expected: string;
  /** Items with the same key are one; the later takes the place of the earlier. */
  readonly unique?: (item: Node) => string | undefined;
  /** The same text twice in one file is an error. */
  readonly distinct?: true;
  /** A single item may stand for the list. Where variables are not replaced it stays one, or becomes a list at once. */
  readonly orOne?: 'kept' | 'listed';
}

/** A list; files append to it. */
export function listOf(shape: Shape, options: ListOptions): Shape {
  return {
    read: (node, place) => {
      if (node.kind !== 'list') {
        if (options.orOne !== undefined && node.kind === 'text') {
          const one = readBy(shape, node, place);
          return place.asWritten && options.orOne === 'kept' ? one : listNode([one], node);
        }
        return wrongType(node, place, options.expected);
      }
      const items = node.items
        .filter((value) => value.tag !== 'reset')
        .map((value, index) => readValue(shape, value, item(place, index)));
      if (options.distinct) complainOfTwins(node.items, place);
      return listNode(unified(items, options.unique), node);
    },
    merge: (base, over) => {
      return listNode(unified([...itemsOf(base), ...itemsOf(over)], options.unique), base);
    },
    schema: options.orOne
      ? { oneOf: [shape.schema, { type: 'array', items: shape.schema }] }
      : { type: 'array', items: shape.schema },
  };
}

/** A single item that stands for a list is one, too. */
function itemsOf(node: Node): readonly Node[] {
  return node.kind === 'list' ? node.items : [node];
}

/** Items with the same key become one; it stands where the first stood. */
export function unified(items: readonly Node[], keyOf: ListOptions['unique']): readonly Node[] {
  if (keyOf === undefined) return items;
  const byKey = new Map<string, Node>();
  for (const [index, node] of items.entries()) {
    const key = keyOf(node);
    byKey.set(key === undefined ? `\0${index}` : `\x01${key}`, node);
  }
  return [...byKey.values()];
}

function complainOfTwins(items: readonly Node[], place: Place): void {
  const seen = new Map<string, Node>();
  for (const node of items) {
    const text = scalarText(node);
    if (text === undefined || node.tag === 'reset') continue;
    const key = `${node.kind} ${text}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, node);
      continue;
    }
    complain(place, node, {
      code: 'invalid-value',
      message: `\`${text}\` is there twice in \`${place.path}\``,
      hint: 'remove one of them',
      related: [{ message: 'first here', location: first.location }],
    });
  }
}

/** The value of a map node's key, if it is there and whole. */
export function childOf(node: Node | undefined, key: string): Node | undefined {
  if (node?.kind !== 'map') return undefined;
  const value = node.entries.get(key)?.value;
  return value === undefined || value.kind === 'broken' ? undefined : value;
}

/** The text of a map node's key. */
export function textOf(node: Node | undefined, key: string): string | undefined {
  const value = childOf(node, key);
  return value?.kind === 'text' ? value.value : undefined;
}
