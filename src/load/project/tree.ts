import type { Entry, MapNode, Node } from '../node.ts';
import { mergeBy } from '../tables/shape.ts';
import { stackFile } from '../tables/tables.ts';

/** Two services merged as those of two files are. */
export function mergeServices(base: Node, over: Node): Node {
  const asFile = (service: Node) => wrap('services', wrap('service', service));
  const services = entryOf(mergeBy(stackFile, asFile(base), asFile(over)), 'services')?.value;
  return (services && entryOf(services, 'service')?.value) ?? over;
}

/** A map with one key. */
export function wrap(key: string, value: Node): MapNode {
  return { kind: 'map', entries: new Map([[key, { value, at: value.location }]]), location: value.location };
}

/** The entry of a map; `undefined` if the node is none. */
export function entryOf(node: Node | undefined, key: string): Entry | undefined {
  return node?.kind === 'map' ? node.entries.get(key) : undefined;
}

export function withoutEntry(map: MapNode, key: string): MapNode {
  return { ...map, entries: new Map([...map.entries].filter(([other]) => other !== key)) };
}

/** The tree as others see it: what was reset in it is gone, and nothing in it says how it is to be merged. */
export function untagged(node: Node): Node {
  if (node.tag !== undefined) {
    const { tag: _, ...bare } = node;
    return untagged(bare);
  }
  if (node.kind === 'list') {
    const items = node.items.filter(isThere).map(untagged);
    const same =
      items.length === node.items.length && items.every((item, index) => item === node.items[index]);
    return same ? node : { ...node, items };
  }
  if (node.kind !== 'map') return node;
  const entries = new Map<string, Entry>();
  let same = true;
  for (const [key, entry] of node.entries) {
    if (!isThere(entry.value)) {
      same = false;
      continue;
    }
    const value = untagged(entry.value);
    same &&= value === entry.value;
    entries.set(key, value === entry.value ? entry : { ...entry, value });
  }
  return same ? node : { ...node, entries };
}

export function isThere(node: Node): boolean {
  return node.tag !== 'reset';
}

/** True if two trees have the same values, wherever they were written. */
export function sameValue(a: Node, b: Node): boolean {
  if (a.kind === 'map' && b.kind === 'map') {
    const keys = [...a.entries].filter(([, { value }]) => isThere(value));
    const others = [...b.entries].filter(([, { value }]) => isThere(value));
    return (
      keys.length === others.length &&
      keys.every(([key, { value }]) => {
        const other = b.entries.get(key)?.value;
        return other !== undefined && isThere(other) && sameValue(value, other);
      })
    );
  }
  if (a.kind === 'list' && b.kind === 'list') {
    const others = b.items.filter(isThere);
    const items = a.items.filter(isThere);
    return (
      items.length === others.length && items.every((item, index) => sameValue(item, others[index] ?? a))
    );
  }
  if ('value' in a && 'value' in b) return a.kind === b.kind && a.value === b.value;
  return a.kind === b.kind;
}
