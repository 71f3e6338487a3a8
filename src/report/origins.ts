import type { Location } from '../model/problem.ts';
import { createPainter } from './paint.ts';
import { shownPath } from './paths.ts';
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
  const place = ({ file, line, column }: Location): string =>
    sanitiseField(`${shownPath(file, directory)}:${line}:${column}`);
  const shown = (value: unknown): string => sanitiseField(JSON.stringify(value) ?? 'null');
  return origins
    .flatMap(({ path, value, location, overrode, variables }) => [
      `${paint.bold(sanitiseField(path))}: ${shown(value)}`,
      `  ${location === undefined ? paint.dim(unwritten) : place(location)}`,
      ...variables.map(({ name, from }) => `  ${paint.dim('with')} ${name} ${givenBy(from, place)}`),
      ...overrode.map((one) => `  ${paint.dim('instead of')} ${shown(one.value)}, ${place(one.location)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function givenBy(
  from: ShownOrigin['variables'][number]['from'],
  place: (location: Location) => string,
): string {
  if (from === 'environment') return 'of the environment';
  return from === 'nowhere' ? 'that is not set' : `of ${place(from)}`;
}

/** The same as data for programs, with absolute paths of files. */
export function originsData(origins: readonly ShownOrigin[]): readonly object[] {
  return origins.map(({ path, value, location, overrode, variables }) => ({
    path,
    value,
    ...(location ?? { default: true }),
    variables: variables.map(({ name, from }) => ({ name, ...(typeof from === 'string' ? { from } : from) })),
    overrode: overrode.map((one) => ({ value: one.value, ...one.location })),
  }));
}
