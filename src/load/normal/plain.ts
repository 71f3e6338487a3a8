import type { Location } from '../../model/problem.ts';
import { joinPath } from '../../model/stack.ts';
import type { Node } from '../node.ts';

/** Where values were written, by their path in the stack. */
export type Origins = Record<string, Location>;

/** A value that another one took the place of. */
export interface Replaced {
  readonly value: unknown;
  readonly location: Location;
}

/** What was replaced, by the path in the stack; the last to be replaced comes first. */
export type Overridden = Record<string, readonly Replaced[]>;

/**
 * The plain value of a tree. What was reset is left out; what is empty in all files but must not be is told now. Places
 * are noted in `origins`: of a scalar its own, of a map or list that of its key. What values took the place of is noted
 * in `overridden`.
 */
export function toPlain(root: Node, origins: Origins, overridden: Overridden = {}): unknown {
  return plain(root, '', { origins, overridden });
}

interface Notes {
  readonly origins: Origins;
  readonly overridden: Overridden;
}

function plain(node: Node, path: string, notes: Notes): unknown {
  const { origins, overridden } = notes;
  if (node.replaced !== undefined) overridden[path] = replacedBy(node);
  switch (node.kind) {
    case 'text':
    case 'number':
    case 'boolean':
    case 'date':
      return node.value;
    case 'empty':
      return null;
    case 'broken':
      node.complain?.();
      return undefined;
    case 'list': {
      const values: unknown[] = [];
      for (const item of node.items) {
        const at = `${path}[${values.length}]`;
        origins[at] = item.location;
        const value = item.tag === 'reset' ? undefined : plain(item, at, notes);
        if (value !== undefined) values.push(value);
      }
      return values;
    }
    case 'map': {
      const values: [string, unknown][] = [];
      for (const [key, entry] of node.entries) {
        if (entry.value.tag === 'reset') continue;
        const at = joinPath(path, key);
        origins[at] = standsBesideKey(entry.value) ? entry.value.location : entry.at;
        const value = plain(entry.value, at, notes);
        if (value !== undefined) values.push([key, value]);
      }
      return Object.fromEntries(values);
    }
  }
}

function replacedBy(node: Node): readonly Replaced[] {
  const all: Replaced[] = [];
  for (let before = node.replaced; before !== undefined; before = before.replaced) {
    // What it took the place of itself is the next in line.
    const { replaced: _, ...value } = before;
    all.push({ value: toPlain(value, {}), location: before.location });
  }
  return all;
}

function standsBesideKey(node: Node): boolean {
  return node.kind === 'text' || node.kind === 'number' || node.kind === 'boolean';
}
