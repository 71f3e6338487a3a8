import { type Entry, listNode, type MapNode, mapNode, type Node, scalarText, textNode } from '../node.ts';
import { complain, item, type Place, within } from '../report.ts';
import { arrivingText, tellKeptQuotes } from './misread.ts';
import { keptForm, mapOf, replace, type Shape, unified, wrongType } from './shape.ts';
import { sameText } from './shapes.ts';

interface PairOptions {
  /** Whether a key without a value stays one (the environment) or has an empty text (labels). */
  readonly bare: 'empty' | 'blank';
}

/** Names and values: a map, or a list of `NAME=VALUE`. Numbers and booleans are taken for text. */
export function pairs(options: PairOptions): Shape {
  const value: Shape = {
    read: (node, place) => {
      if (node.kind === 'empty') return options.bare === 'empty' ? node : textNode('', node);
      const found = arrivingText(node, place);
      return found === undefined
        ? wrongType(node, place, 'text, a number or a boolean')
        : textNode(found, node);
    },
    merge: replace,
    schema: { type: ['string', 'number', 'boolean', 'null'] },
    takesEmpty: true,
  };
  const asMap = mapOf(value, { keys: { pattern: /./, message: () => 'a name is missing here' } });
  const read: Shape['read'] = (node, place) => {
    if (node.kind === 'map') return withResets(asMap.read(node, place), place);
    if (node.kind !== 'list') return wrongType(node, place, 'a map or a list of `NAME=VALUE`');
    const entries = new Map<string, Entry>();
    for (const [index, pair] of node.items.entries()) {
      if (pair.tag === 'reset') continue;
      if (pair.kind === 'map') {
        tellMapItem(pair, place);
        continue;
      }
      const entry = readPair(pair, item(place, index), options);
      tellKeptQuotes(pair, place);
      if (entry !== undefined) entries.set(entry.key, { value: entry.value, at: pair.location });
    }
    return mapNode(entries, node);
  };
  return {
    read: (node, place) => {
      if (place.asWritten !== true) return read(node, place);
      const kept = keptForm(read, node, { path: place.path, report: place.report });
      return kept.kind === 'list' ? pairListOf(kept.items.filter(isKept), kept) : kept;
    },
    merge: (base, over) =>
      isAsWritten(base)
        ? pairListOf([...pairItems(withoutResets(base, over)), ...pairItems(over)], base)
        : mergePairs(base, over, asMap),
    schema: { oneOf: [asMap.schema, { type: 'array', items: { type: 'string' } }] },
  };
}

export function isKept(node: Node): boolean {
  return node.tag !== 'reset';
}

/** True for what a list has; what a map has stands beside its key. */
export function isListed({ value, at }: Entry): boolean {
  return value.location === at;
}

/** A map in which each `!reset` can say that it has no effect. */
function withResets(map: Node, place: Place): Node {
  if (map.kind !== 'map' || [...map.entries.values()].every(({ value }) => isKept(value))) return map;
  const entries = new Map(map.entries);
  for (const [key, { value, at }] of map.entries) {
    if (isKept(value)) continue;
    const complainOfReset = () =>
      complain(
        within(place, key),
        { location: at },
        {
          code: 'no-effect',
          severity: 'warning',
          message: `this \`!reset\` of \`${key}\` has no effect on what was written as a list, or in several files`,
          hint: 'write `!override` before the whole map, with all that it is to have',
        },
      );
    const reset: Node = { kind: 'broken', tag: 'reset', location: value.location, complain: complainOfReset };
    entries.set(key, { value: reset, at });
  }
  return mapNode(entries, map);
}

/** What two files have makes a list, as in Docker Compose 2.40.3; from a list `!reset` takes nothing away. */
function mergePairs(base: Node, over: Node, asMap: Shape): Node {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const { entries } = base;
  for (const [key, { value }] of over.entries) {
    const known = entries.get(key);
    if (value.kind === 'broken' && !isKept(value) && known && isListed(known)) value.complain?.();
  }
  const kept = new Map([...over.entries].filter(([, { value }]) => isKept(value)));
  const merged = asMap.merge(withoutResets(base, over, isListed), { ...over, entries: kept });
  if (merged.kind !== 'map') return merged;
  const listed = [...merged.entries].map(([key, { value }]): [string, Entry] => [
    key,
    { value, at: value.location },
  ]);
  return { ...merged, entries: new Map(listed) };
}

/** A map without what is reset in a later one. */
function withoutResets(base: Node, over: Node, stays: (entry: Entry) => boolean = () => false): Node {
  if (base.kind !== 'map' || over.kind !== 'map') return base;
  const kept = [...base.entries].filter(([key, entry]) => {
    const later = over.entries.get(key);
    return later === undefined || isKept(later.value) || stays(entry);
  });
  return { ...base, entries: new Map(kept) };
}

export function isAsWritten(node: Node): boolean {
  return (node.kind === 'list' || node.kind === 'map') && node.asWritten === true;
}

/** A list of pairs in which the last one with a name counts. A map and a list together are such a list, as are two maps. */
function pairListOf(items: readonly Node[], like: Node): Node {
  const nameOf = (node: Node) => sameText(node)?.split('=', 1)[0];
  return { ...listNode(unified(items, nameOf), like), asWritten: true };
}

export function pairItems(node: Node): readonly Node[] {
  if (node.kind === 'list') return node.items;
  if (node.kind !== 'map') return [];
  return [...node.entries]
    .filter(([, { value }]) => isKept(value))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { value }]) =>
      textNode(value.kind === 'empty' ? key : `${key}=${scalarText(value) ?? ''}`, value),
    );
}

/** `- NAME: VALUE`, which is half a list and half a map. Told once, as all lines are mostly written alike. */
function tellMapItem(node: MapNode, place: Place): void {
  const [[name, { value }] = ['NAME', { value: node }]] = node.entries;
  complain(place, node, {
    code: 'wrong-type',
    message: `\`${place.path}\` must be a map or a list of \`NAME=VALUE\`, but here is a list of maps`,
    hint: `write \`- ${name}=${scalarText(value) ?? 'VALUE'}\`, or remove the \`-\` of all lines`,
    once: `list-of-maps ${place.path}`,
  });
}

function readPair(node: Node, place: Place, options: PairOptions): { key: string; value: Node } | undefined {
  if (node.kind !== 'text') {
    wrongType(node, place, 'text of the form `NAME=VALUE`');
    return undefined;
  }
  const equals = node.value.indexOf('=');
  const key = equals === -1 ? node.value : node.value.slice(0, equals);
  if (options.bare === 'empty' && /\s$/.test(key)) {
    const message = `there is a blank behind the name \`${key.trim()}\``;
    complain(place, node, {
      code: 'invalid-value',
      message,
      hint: 'write NAME=VALUE without blanks around `=`',
    });
    return undefined;
  }
  if (equals !== -1) return { key, value: textNode(node.value.slice(equals + 1), node) };
  return {
    key,
    value: options.bare === 'empty' ? { kind: 'empty', location: node.location } : textNode('', node),
  };
}
