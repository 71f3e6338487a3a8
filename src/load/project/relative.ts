import { isRemoteContext } from '../../model/stack.ts';
import { behindLink } from '../files.ts';
import type { Entry, Node } from '../node.ts';
import { record, textNode } from '../node.ts';
import { homeIn, hostPath, mountPath } from '../paths.ts';
import { textOf } from '../tables/shape.ts';

/** What the paths of a tree are relative to. */
export interface Base {
  /** A folder; one that is relative itself only goes before the paths. */
  readonly folder: string;
  readonly variables: ReadonlyMap<string, string>;
}

type Resolve = (node: Node, base: Base) => Node;

/** All that is a path in a stack, as Docker Compose 2.40.3 has it; the files of `extends` and `include` are read before. */
const paths: Readonly<Record<string, Resolve>> = {
  'services.*.build.context': context,
  'services.*.build.additional_contexts.*': context,
  'services.*.build.ssh.*': mounted,
  'services.*.env_file.*.path': plain,
  'services.*.label_file.*': plain,
  'services.*.develop.watch.*.path': unlinked,
  'services.*.volumes.*': bindSource,
  'configs.*.file': mounted,
  'secrets.*.file': mounted,
  'volumes.*': device,
};

/** The tree with its paths relative to the base. Those that are absolute or no path of this machine stay as they are. */
export function withPaths(tree: Node, base: Base): Node {
  let resolved = tree;
  for (const [path, resolve] of Object.entries(paths)) {
    resolved = changeAt(resolved, path.split('.'), (node) => resolve(node, base));
  }
  return resolved;
}

/** The tree where a build without a context has the folder that all paths are relative to. */
export function withContexts(tree: Node): Node {
  return changeAt(tree, ['services', '*', 'build'], (build) => {
    if (build.kind !== 'map' || build.entries.has('context')) return build;
    const { entries } = record({ context: textNode('.', build) }, build);
    return { ...build, entries: new Map([...build.entries, ...entries]) };
  });
}

/** Changes the nodes at a path; `*` is any key or item. What does not change stays the same node. */
export function changeAt(node: Node, path: readonly string[], change: (node: Node) => Node, from = 0): Node {
  const step = path[from];
  if (step === undefined) return node.tag === 'reset' ? node : change(node);
  if (node.kind === 'list' && step === '*') {
    const items = node.items.map((item) => changeAt(item, path, change, from + 1));
    return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
  }
  if (node.kind !== 'map') return node;
  let changed: Map<string, Entry> | undefined;
  for (const key of step === '*' ? node.entries.keys() : [step]) {
    const entry = node.entries.get(key);
    if (entry === undefined) continue;
    const value = changeAt(entry.value, path, change, from + 1);
    if (value === entry.value) continue;
    changed ??= new Map(node.entries);
    changed.set(key, { ...entry, value });
  }
  return changed === undefined ? node : { ...node, entries: changed };
}

function context(node: Node, base: Base): Node {
  return node.kind === 'text' && !isRemoteContext(node.value) && !node.value.startsWith('service:')
    ? plain(node, base)
    : node;
}

function plain(node: Node, { folder, variables }: Base): Node {
  if (node.kind !== 'text' || node.value === '') return node;
  return { ...node, value: hostPath(node.value, folder, homeIn(variables)) };
}

function mounted(node: Node, { folder, variables }: Base): Node {
  return node.kind === 'text' ? { ...node, value: mountPath(node.value, folder, homeIn(variables)) } : node;
}

/** Changes of files are told by the path they really have. */
function unlinked(node: Node, base: Base): Node {
  const path = plain(node, base);
  return path.kind === 'text' ? { ...path, value: behindLink(path.value) } : path;
}

function bindSource(node: Node, base: Base): Node {
  return textOf(node, 'type') === 'bind'
    ? withChild(node, 'source', (source) => mounted(source, base))
    : node;
}

/** A folder of this machine that the local driver is told to mount. */
function device(node: Node, base: Base): Node {
  if (textOf(node, 'driver') !== 'local') return node;
  return withChild(node, 'driver_opts', (options) =>
    textOf(options, 'o') === 'bind' ? withChild(options, 'device', (path) => mounted(path, base)) : options,
  );
}

function withChild(node: Node, key: string, change: (value: Node) => Node): Node {
  if (node.kind !== 'map') return node;
  const entry = node.entries.get(key);
  if (entry === undefined) return node;
  return { ...node, entries: new Map(node.entries).set(key, { ...entry, value: change(entry.value) }) };
}
