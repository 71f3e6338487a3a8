import type { Location } from '../model/problem.ts';
import { givenBy, type ShownOrigin } from './origins.ts';
import { createPainter } from './paint.ts';
import { formatLocation } from './problems.ts';
import { sanitiseField } from './sanitise.ts';

export interface ShownDifference {
  readonly path: string;
  readonly sides: readonly [ShownSide | undefined, ShownSide | undefined];
}

type ShownSide = Pick<ShownOrigin, 'value' | 'location' | 'variables'>;

export interface ComparisonOptions {
  readonly colour: boolean;
  /** Absolute; files inside are shown relative to it. */
  readonly directory: string;
  /** What the two sides are called. */
  readonly names: readonly [string, string];
}

/** Each path that differs, with what it is on either side and what makes it so; the sides are named first. */
export function formatComparison(
  differences: readonly ShownDifference[],
  { colour, directory, names }: ComparisonOptions,
): string {
  if (differences.length === 0) return '';
  const paint = createPainter(colour);
  const place = (location: Location): string => sanitiseField(formatLocation(location, directory));
  const from = (side: ShownSide): string => {
    const given = side.variables.map(({ name, from }) => `${name} ${givenBy(from, place)}`);
    const written = side.location === undefined ? [] : [place(side.location)];
    const all = [...written, ...given];
    return all.length === 0 ? '' : `  ${paint.dim(all.join(', with '))}`;
  };
  const line = (sign: string, side: ShownSide | undefined): readonly string[] => {
    if (side === undefined) return [];
    const text = sanitiseField(JSON.stringify(side.value));
    const painted = sign === '-' ? paint.red(`- ${text}`) : paint.green(`+ ${text}`);
    return [`  ${painted}${from(side)}`];
  };
  const heading = [paint.red(`--- ${names[0]}`), paint.green(`+++ ${names[1]}`)];
  return [
    ...heading,
    ...differences.flatMap(({ path, sides: [before, after] }) => [
      paint.bold(sanitiseField(path)),
      ...line('-', before),
      ...line('+', after),
    ]),
  ]
    .map((text) => `${text}\n`)
    .join('');
}

/** The same as data for programs, with absolute paths of files. */
export function comparisonData(differences: readonly ShownDifference[]): readonly object[] {
  return differences.map(({ path, sides: [before, after] }) => ({
    path,
    ...(before && { before: sideData(before) }),
    ...(after && { after: sideData(after) }),
  }));
}

function sideData({ value, location, variables }: ShownSide): object {
  return {
    value,
    ...location,
    variables: variables.map(({ name, from }) => ({ name, ...(typeof from === 'string' ? { from } : from) })),
  };
}
