import { groupBy } from '../model/groups.ts';
import type { Location } from '../model/problem.ts';
import { createPainter } from './paint.ts';
import { formatLocation } from './problems.ts';
import { sanitiseField } from './sanitise.ts';

/** A value, where it was written, and what it took the place of. */
export interface ShownOrigin {
  readonly path: string;
  readonly value: unknown;
  readonly location?: Location;
  readonly overrode: readonly { readonly value: unknown; readonly location: Location }[];
  readonly variables: readonly {
    readonly name: string;
    readonly from: Location | 'environment' | 'nowhere';
  }[];
  /** Why it is so although no file says it. */
  readonly because?: string;
  /** What a container has in its place. */
  readonly inContainer?: unknown;
}

export interface OriginOptions {
  readonly colour: boolean;
  /** Absolute; files inside are shown relative to it. */
  readonly directory: string;
  /** What is said of a value that no file has; absent: it is a default. */
  readonly unwritten?: string;
}

/** Each value with its place below it, its variables, then what it took the place of, newest first. */
export function formatOrigins(
  origins: readonly ShownOrigin[],
  { colour, directory, unwritten = 'default' }: OriginOptions,
): string {
  const paint = createPainter(colour);
  const place = (location: Location): string => sanitiseField(formatLocation(location, directory));
  const shown = (value: unknown): string => sanitiseField(JSON.stringify(value) ?? 'null');
  return origins
    .flatMap(({ path, value, location, overrode, variables, because, inContainer }) => [
      `${paint.bold(sanitiseField(path))}: ${shown(value)}`,
      `  ${location === undefined ? paint.dim(sanitiseField(because ?? unwritten)) : place(location)}`,
      ...(inContainer === undefined ? [] : [`  ${paint.dim('in the container')} ${shown(inContainer)}`]),
      ...variables.map(({ name, from }) => `  ${paint.dim('with')} ${name} ${givenBy(from, place)}`),
      ...overrode.map((one) => `  ${paint.dim('instead of')} ${shown(one.value)}, ${place(one.location)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

/** What is not there although one might look for it, and why: a line a reason. */
export function formatLeftOut(
  leftOut: readonly { readonly name: string; readonly because: string }[],
  { colour }: Pick<OriginOptions, 'colour'>,
): string {
  const paint = createPainter(colour);
  const byReason = groupBy(leftOut, ({ because }) => because);
  return [...byReason]
    .map(([because, all]) => `not given, as ${because}: ${all.map(({ name }) => name).join(', ')}`)
    .map((line) => `${paint.dim(sanitiseField(line))}\n`)
    .join('');
}

/** Where a variable has its value from, in words that follow its name. */
export function givenBy(
  from: ShownOrigin['variables'][number]['from'],
  place: (location: Location) => string,
): string {
  if (from === 'environment') return 'of the environment';
  return from === 'nowhere' ? 'that is not set' : `of ${place(from)}`;
}

/** The same as data for programs, with absolute paths of files. */
export function originsData(origins: readonly ShownOrigin[]): readonly object[] {
  return origins.map(({ path, value, location, overrode, variables, because, inContainer }) => ({
    path,
    value,
    ...(location ?? (because === undefined ? { default: true } : { because })),
    ...(inContainer === undefined ? {} : { inContainer }),
    variables: variables.map(({ name, from }) => ({ name, ...(typeof from === 'string' ? { from } : from) })),
    overrode: overrode.map((one) => ({ value: one.value, ...one.location })),
  }));
}
