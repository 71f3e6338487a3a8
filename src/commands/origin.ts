import { readText } from '../load/files.ts';
import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { resolve } from '../load/paths.ts';
import { type EnvEntry, parseDotenv } from '../load/variables/dotenv.ts';
import { templateVariables } from '../load/variables/template.ts';
import { maskSecrets, maskValue, secretsAmong } from '../model/masking.ts';
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
  /** The variables in it, as it is written, in their order. */
  readonly variables: readonly VariableOrigin[];
  /** Why it is so although no file says it. */
  readonly because?: string;
  /** What a container has in its place. */
  readonly inContainer?: unknown;
}

/** Where a variable has its value from. */
export interface VariableOrigin {
  readonly name: string;
  readonly from: Location | 'environment' | 'nowhere';
}

export interface Origins {
  readonly origins: readonly Origin[];
  readonly warnings: readonly Problem[];
  /** How many values are masked. */
  readonly masked: number;
}

/**
 * Where the value at a path of the stack was written, or all values below it. Warnings are those about them, as the
 * question is about nothing else.
 */
export async function configOrigin(wanted: string, load: LoadRequest, masked: boolean): Promise<Origins> {
  return originsIn(await loadStack({ ...load, allResources: true }), wanted, load, masked);
}

/** The same in a stack that was loaded as the request says. */
export async function originsIn(
  loaded: Loaded,
  wanted: string,
  load: LoadRequest,
  masked: boolean,
): Promise<Origins> {
  const { stack, warnings, overridden, variables } = loaded;
  const known = masked ? secretsAmong(variables) : [];
  const model = canonicalStack(stack, { yaml: true });
  const { path, value } = seek(model, wanted);
  const found = leaves(value, path);
  // What stands around a value may tell that it is a credential, so all of the stack is masked at once.
  const shown = masked ? new Map(leaves(maskSecrets(model, known).value, '')) : new Map(found);
  const earlier = (at: StackPath, one: unknown): unknown =>
    masked && typeof one === 'string' ? maskValue(keyOf(at), one, known) : one;
  const variablesAt = await variableOrigins(load, loaded);
  let count = 0;
  const origins = found.map(([at, leaf]): Origin => {
    const location = Object.hasOwn(stack.origins, at) ? stack.origins[at] : undefined;
    const before = (Object.hasOwn(overridden, at) ? overridden[at] : undefined) ?? [];
    const overrode = before.map((one) => ({ value: earlier(at, one.value), location: one.location }));
    count += overrode.filter((one, index) => one.value !== before[index]?.value).length;
    const visible = shown.get(at) ?? null;
    if (visible !== leaf && typeof leaf !== 'object') count++;
    return {
      path: at,
      value: typeof leaf === 'object' ? leaf : visible,
      ...(location && { location }),
      overrode,
      variables: location === undefined ? [] : variablesAt(location),
    };
  });
  const isAsked = (problem: Problem): boolean => path === '' || pathsTo(problem.path ?? '').includes(path);
  return { origins, warnings: warnings.filter(isAsked), masked: count };
}

/** Tells the variables of a value by its place. Of included files, which may have their own, only what is certain. */
async function variableOrigins(
  load: LoadRequest,
  loaded: Loaded,
): Promise<(location: Location) => readonly VariableOrigin[]> {
  const { stack, sourceLine } = loaded;
  const entries = await envFileEntries(load, loaded);
  return (location) => {
    const written = valueAt(sourceLine(location) ?? '', location.column);
    const names = new Set(templateVariables(written).map(({ name }) => name));
    return [...names].flatMap((name): VariableOrigin[] => {
      if (load.environment[name] !== undefined) return [{ name, from: 'environment' }];
      const entry = entries.get(name)?.[0];
      if (entry !== undefined) return [{ name, from: entry.at }];
      return stack.files.includes(location.file) ? [{ name, from: 'nowhere' }] : [];
    });
  };
}

/** What the env files of a stack say about variables, the one that wins first; the process wins over all. */
export async function envFileEntries(
  { environment, directory }: LoadRequest,
  { stack, read }: Loaded,
): Promise<ReadonlyMap<string, readonly EnvEntry[]>> {
  const dotenv = [stack.directory, directory].map((folder) => resolve(folder, '.env'));
  // Of files that are named the last one wins, of others the first one that was read.
  const usual = read.filter((file) => dotenv.includes(file)).toReversed();
  const entries = new Map<string, readonly EnvEntry[]>();
  const earlier = new Map<string, EnvEntry>();
  for (const file of stack.environmentFiles.length > 0 ? stack.environmentFiles : usual) {
    const found = await readText(file);
    if (found.kind !== 'text') continue;
    const context = { file, lookup: (name: string) => environment[name], earlier, report: () => {} };
    for (const [name, entry] of parseDotenv(found.text, context)) {
      entries.set(name, [entry, ...(entries.get(name) ?? [])]);
      earlier.set(name, entry);
    }
  }
  return entries;
}

/** The value that begins in a column, as far as the line has it. */
function valueAt(line: string, column: number): string {
  const rest = line.slice(column - 1);
  return /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:\$\{[^}]*\}|[^\s,\]}]|\s(?!#))*)/.exec(rest)?.[0] ?? '';
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
    if (step === undefined) throw unknownPath(root, found, rest, wanted);
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
      : [JSON.stringify(key), `'${key}'`, key].flatMap((name) => [`[${name}]`, `.${name}`, name]);
  const spelling = spellings.find(
    (one) => rest.startsWith(one) && /^(?:$|[.[])/.test(rest.slice(one.length)),
  );
  return spelling?.length ?? 0;
}

/** Where nothing is given for a service's command, none is its command. */
function isAbsent({ path, value }: Sought): boolean {
  return value === null && /\.(?:command|entrypoint)$/.test(path) && pathsTo(path).length === 3;
}

function unknownPath(root: Json, found: Sought, rest: string, wanted: string): Error {
  const children = childrenOf(found).filter((child) => !isAbsent(child));
  const word = /^\.?([^.[]+)|^\["?([^"\]]*)"?\]/.exec(rest);
  const near = nearest(
    word?.[1] ?? word?.[2] ?? rest,
    children.map(({ key }) => String(key)),
  );
  const meant = inServices(root, wanted) ?? children.find(({ key }) => String(key) === near)?.path;
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

/** The path of what is meant if a path begins with the name of a service. */
function inServices(root: Json, wanted: string): StackPath | undefined {
  if (wanted.startsWith('services')) return undefined;
  try {
    return seek(root, `services.${wanted}`).path;
  } catch {
    return undefined;
  }
}

/** The values at and below a path; what is empty is a value. */
function leaves(value: Json, path: StackPath): readonly (readonly [StackPath, Json])[] {
  const children = childrenOf({ path, value });
  if (children.length === 0) return [[path, value]];
  const given = children.filter((child) => !isAbsent(child));
  return given.flatMap((child) => leaves(child.value, child.path));
}
