import { type LoadRequest, loadStack } from '../load/load.ts';
import { maskSecrets, secretsAmong } from '../model/masking.ts';
import type { Problem } from '../model/problem.ts';
import { joinPath, type StackPath } from '../model/stack.ts';
import { canonicalStack } from '../plan/canonical.ts';
import type { Json } from '../plan/printing.ts';
import { type Origin, originsIn } from './origin.ts';

/** A value that is another one in another environment. */
export interface EnvironmentDifference {
  readonly path: StackPath;
  /** In the first environment, then in the second; undefined: it has no such value. */
  readonly sides: readonly [Side | undefined, Side | undefined];
}

export interface Side extends Pick<Origin, 'location' | 'variables'> {
  readonly value: unknown;
}

export interface Compared {
  readonly differences: readonly EnvironmentDifference[];
  readonly warnings: readonly Problem[];
  /** How many values are masked. */
  readonly masked: number;
}

/** What differs between a stack with one env file and with another, by path. */
export async function compareEnvironments(
  load: LoadRequest,
  files: readonly [readonly string[], readonly string[]],
  masked: boolean,
): Promise<Compared> {
  const [before, after] = await Promise.all(
    files.map(async (envFiles) => {
      const request = { ...load, envFiles, allResources: true };
      const loaded = await loadStack(request);
      const { origins } = await originsIn(loaded, '', request, false);
      return { loaded, model: canonicalStack(loaded.stack, { yaml: true }), origins };
    }),
  );
  if (before === undefined || after === undefined) return { differences: [], warnings: [], masked: 0 };
  const known = [before, after].flatMap(({ loaded }) => secretsAmong(loaded.variables));
  const visible = [before, after].map(({ model }) =>
    partsOf(masked ? maskSecrets(model, known).value : model, ''),
  );
  let count = 0;
  const sideOf = (index: 0 | 1, path: StackPath, value: Json | undefined): Side | undefined => {
    if (value === undefined) return undefined;
    const shown = visible[index]?.get(path) ?? null;
    if (JSON.stringify(shown) !== JSON.stringify(value)) count++;
    const { origins } = index === 0 ? before : after;
    const { location, variables = [] } = origins.find((one) => one.path === path) ?? {};
    return { value: shown, variables, ...(location && { location }) };
  };
  const differences = changesBetween(before.model, after.model, '').map(
    ({ path, from, to }): EnvironmentDifference => ({
      path,
      sides: [sideOf(0, path, from), sideOf(1, path, to)],
    }),
  );
  return {
    differences,
    warnings: distinct([...before.loaded.warnings, ...after.loaded.warnings]),
    masked: count,
  };
}

/** What is wrong with both is told once. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** A value and all that is in it, by path. */
function partsOf(value: Json, path: StackPath): ReadonlyMap<StackPath, Json> {
  const below = [...(childrenOf(value, path) ?? [])].flatMap(([at, one]) => [...partsOf(one, at)]);
  return new Map([[path, value], ...below]);
}

interface Change {
  readonly path: StackPath;
  readonly from?: Json;
  readonly to?: Json;
}

/** What only one of them has is one change, however much it is. */
function changesBetween(from: Json | undefined, to: Json | undefined, path: StackPath): readonly Change[] {
  if (from === undefined || to === undefined) {
    return from === to
      ? []
      : [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  }
  const [a, b] = [childrenOf(from, path), childrenOf(to, path)];
  if (a === undefined || b === undefined || Array.isArray(from) !== Array.isArray(to)) {
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }];
  }
  const paths = [...new Set([...a.keys(), ...b.keys()])];
  return paths.flatMap((one) => changesBetween(a.get(one), b.get(one), one));
}

function childrenOf(value: Json, path: StackPath): ReadonlyMap<StackPath, Json> | undefined {
  if (Array.isArray(value)) return new Map(value.map((one: Json, index) => [`${path}[${index}]`, one]));
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map(Object.entries(value).map(([key, one]) => [joinPath(path, key), one]));
}
