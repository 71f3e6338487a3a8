import type { Location } from '../../model/problem.ts';
import { setKey } from '../../model/record.ts';
import { joinPath } from '../../model/stack.ts';
import type { Node } from '../node.ts';

/** A value that another one took the place of. */
export interface Replaced {
  readonly value: unknown;
  readonly location: Location;
}

/** What was replaced, by the path in the stack; the last to be replaced comes first. */
export type Overridden = Record<string, readonly Replaced[]>;

/**
 * The plain value of a tree. What was reset is left out; what is empty in all files but must not be is told now. What
 * values took the place of is noted in `overridden`.
 */
export function toPlain(root: Node, overridden: Overridden = {}): unknown {
  return plain(root, { overridden, trail: [] });
}

interface Notes {
  readonly overridden: Overridden;
  /** The keys and numbers that lead to the value. */
  readonly trail: (string | number)[];
}

function plain(node: Node, notes: Notes): unknown {
  const { overridden, trail } = notes;
  if (node.replaced !== undefined) overridden[pathOf(trail)] = replacedBy(node);
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
        if (item.tag === 'reset') continue;
        trail.push(values.length);
        const value = plain(item, notes);
        trail.pop();
        if (value !== undefined) values.push(value);
      }
      return values;
    }
    case 'map': {
      const values: Record<string, unknown> = {};
      for (const [key, { value: child }] of node.entries) {
        if (child.tag === 'reset') continue;
        trail.push(key);
        const value = plain(child, notes);
        trail.pop();
        if (value !== undefined) setKey(values, key, value);
      }
      return values;
    }
  }
}

function pathOf(trail: readonly (string | number)[]): string {
  let path = '';
  for (const step of trail) path = typeof step === 'number' ? `${path}[${step}]` : joinPath(path, step);
  return path;
}

function replacedBy(node: Node): readonly Replaced[] {
  const all: Replaced[] = [];
  for (let before = node.replaced; before !== undefined; before = before.replaced) {
    // What it took the place of itself is the next in line.
    const { replaced: _, ...value } = before;
    all.push({ value: toPlain(value), location: before.location });
  }
  return all;
}
