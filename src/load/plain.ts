import type { Location } from '../model/problem.ts';
import { joinPath } from '../model/stack.ts';
import type { Node } from './node.ts';

/** Where values were written, by their path in the stack. */
export type Origins = Record<string, Location>;

/**
 * The plain value of a tree. What was reset is left out; what is empty in all files but must not be is told now. Places
 * are noted in `origins`: of a scalar its own, of a map or list that of its key.
 */
export function toPlain(root: Node, origins: Origins): unknown {
  return plain(root, '', origins);
}

function plain(node: Node, path: string, origins: Origins): unknown {
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
        const value = item.tag === 'reset' ? undefined : plain(item, at, origins);
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
        const value = plain(entry.value, at, origins);
        if (value !== undefined) values.push([key, value]);
      }
      return Object.fromEntries(values);
    }
  }
}

function standsBesideKey(node: Node): boolean {
  return node.kind === 'text' || node.kind === 'number' || node.kind === 'boolean';
}
