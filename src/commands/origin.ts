import { type LoadRequest, loadStack } from '../load/load.ts';
import { maskValue, secretsAmong } from '../model/masking.ts';
import { nearest } from '../model/nearest.ts';
import { failure, type Location, type Problem } from '../model/problem.ts';
import { joinPath, pathsTo, type StackPath } from '../model/stack.ts';
import { canonicalStack } from '../plan/canonical.ts';
import type { Json } from '../plan/printing.ts';

/** A value of a stack and where it comes from. */
export interface Origin {
  readonly path: StackPath;
  readonly value: unknown;
  /** Absent: no file says it. */
  readonly location?: Location;
  /** What it took the place of, newest first. */
  readonly overrode: readonly { readonly value: unknown; readonly location: Location }[];
}

export interface Origins {
  readonly origins: readonly Origin[];
  readonly warnings: readonly Problem[];
  /** How many values are masked. */
  readonly masked: number;
}

/** Where the value at a path of the stack was written, or all values below it. */
export async function configOrigin(wanted: string, load: LoadRequest, masked: boolean): Promise<Origins> {
  const { stack, warnings, overridden, variables } = await loadStack({ ...load, allResources: true });
  const known = masked ? secretsAmong(variables) : [];
  let count = 0;
  const shown = (path: StackPath, value: unknown): unknown => {
    if (!masked || typeof value !== 'string') return value;
    const after = maskValue(keyOf(path), value, known);
    if (after !== value) count++;
    return after;
  };
  const { path, value } = seek(canonicalStack(stack, { extensions: true }), wanted);
  const origins = leaves(value, path).map(([at, leaf]): Origin => {
    const location = Object.hasOwn(stack.origins, at) ? stack.origins[at] : undefined;
    const before = Object.hasOwn(overridden, at) ? overridden[at] : undefined;
    return {
      path: at,
      value: shown(at, leaf),
      ...(location && { location }),
      overrode: (before ?? []).map((one) => ({ value: shown(at, one.value), location: one.location })),
    };
  });
  return { origins, warnings, masked: count };
}

/** The last name in a path: an item of a list has that of the list. */
function keyOf(path: StackPath): string {
  const step = pathsTo(path).findLast((at) => !/\[[0-9]+\]$/.test(at)) ?? path;
  const before = pathsTo(path)[pathsTo(path).indexOf(step) - 1] ?? '';
  const key = step.slice(before.length);
  return key.startsWith('[') ? String(JSON.parse(key.slice(1, -1))) : key.replace(/^\./, '');
}

interface Sought {
  readonly path: StackPath;
  readonly value: Json;
}

/** Finds a value by its path; names with dots need no quotes. */
function seek(root: Json, wanted: string): Sought {
  let found: Sought = { path: '', value: root };
  let rest = wanted.trim();
  while (rest !== '') {
    const step = childrenOf(found)
      .map((child) => ({ child, length: matched(child.key, rest) }))
      .filter(({ length }) => length > 0)
      .toSorted((a, b) => b.length - a.length)[0];
    if (step === undefined) throw unknownPath(found, rest, wanted);
    found = step.child;
    rest = rest.slice(step.length);
  }
  return found;
}

interface Child extends Sought {
  readonly key: string | number;
}

function childrenOf({ path, value }: Sought): readonly Child[] {
  if (Array.isArray(value)) {
    return value.map((one: Json, index) => ({ key: index, path: `${path}[${index}]`, value: one }));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, one]) => ({ key, path: joinPath(path, key), value: one }));
}

/** How much of a path a key takes; nothing if it is not its next one. */
function matched(key: string | number, rest: string): number {
  const spellings =
    typeof key === 'number'
      ? [`[${key}]`, `.${key}`]
      : [`[${JSON.stringify(key)}]`, `['${key}']`, `.${key}`, key];
  const spelling = spellings.find(
    (one) => rest.startsWith(one) && /^(?:$|[.[])/.test(rest.slice(one.length)),
  );
  return spelling?.length ?? 0;
}

function unknownPath(found: Sought, rest: string, wanted: string): Error {
  const children = childrenOf(found);
  const word = /^\.?([^.[]+)|^\["?([^"\]]*)"?\]/.exec(rest);
  const near = nearest(
    word?.[1] ?? word?.[2] ?? rest,
    children.map(({ key }) => String(key)),
  );
  const meant = children.find(({ key }) => String(key) === near)?.path;
  const names = children.map(({ key }) => (typeof key === 'number' ? `[${key}]` : key));
  const where = found.path === '' ? 'the stack' : `\`${found.path}\``;
  return failure({
    code: 'invalid-option',
    message: `the stack has no \`${wanted}\``,
    hint:
      meant === undefined
        ? names.length === 0
          ? `${where} has nothing below it`
          : `${where} has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`
        : `did you mean \`${meant}\`?`,
  });
}

/** The values at and below a path; what is empty is a value. */
function leaves(value: Json, path: StackPath): readonly (readonly [StackPath, Json])[] {
  const children = childrenOf({ path, value });
  if (children.length === 0) return [[path, value]];
  // That a command is not given is no value of the stack.
  const given = children.filter(
    ({ key, value: one }) => one !== null || (key !== 'command' && key !== 'entrypoint'),
  );
  return given.flatMap((child) => leaves(child.value, child.path));
}
