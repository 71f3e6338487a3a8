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
}

export interface OriginOptions {
  readonly colour: boolean;
  /** Absolute; files inside are shown relative to it. */
  readonly directory: string;
}

/** Each value with its place below it, then what it took the place of, newest first. */
export function formatOrigins(origins: readonly ShownOrigin[], { colour, directory }: OriginOptions): string {
  const paint = createPainter(colour);
  const place = ({ file, line, column }: Location): string =>
    sanitiseField(`${shownPath(file, directory)}:${line}:${column}`);
  const shown = (value: unknown): string => sanitiseField(JSON.stringify(value) ?? 'null');
  return origins
    .flatMap(({ path, value, location, overrode }) => [
      `${paint.bold(sanitiseField(path))}: ${shown(value)}`,
      `  ${location === undefined ? paint.dim('default') : place(location)}`,
      ...overrode.map((one) => `  ${paint.dim('instead of')} ${shown(one.value)}, ${place(one.location)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

/** The same as data for programs, with absolute paths of files. */
export function originsData(origins: readonly ShownOrigin[]): readonly object[] {
  return origins.map(({ path, value, location, overrode }) => ({
    path,
    value,
    ...(location ?? { default: true }),
    overrode: overrode.map((one) => ({ value: one.value, ...one.location })),
  }));
}
