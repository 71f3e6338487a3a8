import type { Location } from '../../model/problem.ts';
import { joinPath } from '../../model/stack.ts';
import type { Node } from '../node.ts';

/** Where values were written, by their path in the stack. */
export type Origins = Record<string, Location>;

/** Places are many, and mostly nobody asks for one: they are noted when someone does. */
export class Places {
  /** Of a scalar its own place, of a map or list that of its key. */
  readonly origins: Origins;
  readonly #noted: Origins = {};
  #waiting: ((origins: Origins) => void)[] = [];

  constructor(tree: Node) {
    this.later((origins) => note(tree, '', origins));
    const noted = (): Origins => {
      for (const one of this.#waiting.splice(0)) one(this.#noted);
      return this.#noted;
    };
    this.origins = new Proxy(this.#noted, {
      get: (_, path) => Reflect.get(noted(), path),
      set: (_, path, place) => Reflect.set(noted(), path, place),
      has: (_, path) => Reflect.has(noted(), path),
      ownKeys: () => Reflect.ownKeys(noted()),
      getOwnPropertyDescriptor: (_, path) => Reflect.getOwnPropertyDescriptor(noted(), path),
    });
  }

  /** Notes more places. */
  later(add: (origins: Origins) => void): void {
    this.#waiting.push(add);
  }
}

function note(node: Node, path: string, origins: Origins): void {
  if (node.kind === 'list') {
    let index = 0;
    for (const item of node.items) {
      const at = `${path}[${index}]`;
      origins[at] = item.location;
      // What is left out of the values has no number of its own.
      if (item.tag === 'reset' || item.kind === 'broken') continue;
      note(item, at, origins);
      index++;
    }
  } else if (node.kind === 'map') {
    for (const [key, entry] of node.entries) {
      if (entry.value.tag === 'reset') continue;
      const at = joinPath(path, key);
      origins[at] = standsBesideKey(entry.value) ? entry.value.location : entry.at;
      note(entry.value, at, origins);
    }
  }
}

function standsBesideKey(node: Node): boolean {
  return node.kind === 'text' || node.kind === 'number' || node.kind === 'boolean';
}
