import type { Location, Problem } from '../model/problem.ts';
import type { Node } from './node.ts';

/** How a stage tells a problem and goes on, so that the user sees all of them at once. */
export type Report = (problem: Problem) => void;

/** Where in the stack a stage is. */
export interface Place {
  /** Dotted path: `services.web.ports[0]`. Empty at the top. */
  readonly path: string;
  readonly report: Report;
}

export function within(place: Place, key: string): Place {
  return { path: place.path === '' ? key : `${place.path}.${key}`, report: place.report };
}

export function item(place: Place, index: number): Place {
  return { path: `${place.path}[${index}]`, report: place.report };
}

/** The service a path belongs to. */
export function serviceIn(path: string): { service?: string } {
  if (!path.startsWith('services.')) return {};
  const service = path.slice('services.'.length).split(/[.[]/, 1)[0];
  return service === undefined ? {} : { service };
}

/** Tells an error at a node. */
export function complain(
  place: Place,
  at: { readonly location: Location },
  problem: Pick<Problem, 'code' | 'message'> & Partial<Problem>,
): void {
  place.report({
    severity: 'error',
    location: at.location,
    ...(place.path === '' ? {} : { path: place.path, ...serviceIn(place.path) }),
    ...problem,
  });
}

/** Tells an error at a node and gives the node that stands for a value about which all has been said. */
export function broken(
  place: Place,
  node: Node,
  problem: Pick<Problem, 'code' | 'message'> & Partial<Problem>,
): Node {
  complain(place, node, problem);
  return { kind: 'broken', location: node.location };
}

/** Gathers problems; the same problem at the same place, as an anchor used twice has it, is kept once. */
export class Problems {
  readonly #all = new Map<string, Problem>();
  readonly #paths = new Set<string>();

  readonly report: Report = (problem) => {
    const { location } = problem;
    if (problem.severity === 'error') this.#paths.add(problem.path ?? '');
    const place =
      location === undefined ? problem.path : `${location.file}:${location.line}:${location.column}`;
    const key = `${problem.code} ${place} ${location === undefined ? problem.message : ''}`;
    const known = this.#all.get(key);
    if (known === undefined) this.#all.set(key, problem);
  };

  /** True if an error is at the path or below it, or is an unknown key beside it. */
  readonly touches = (path: string): boolean =>
    this.#paths
      .values()
      .some((known) => known === path || known.startsWith(`${path}.`) || isBeside(known, path));

  get failed(): boolean {
    return this.#all.values().some((problem) => problem.severity === 'error');
  }

  /** In the order of the files and of the lines in them; those without a place come last. */
  sorted(texts: ReadonlyMap<string, string>): Problem[] {
    const order = [...texts.keys()];
    const sourceLine = sourceLines(texts);
    const rank = ({ location }: Problem) =>
      location === undefined ? order.length + 1 : order.indexOf(location.file) + 1 || order.length;
    return this.#all
      .values()
      .toArray()
      .sort(
        (a, b) =>
          rank(a) - rank(b) ||
          (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
          (a.location?.column ?? 0) - (b.location?.column ?? 0),
      )
      .map((problem) => withSourceLine(problem, sourceLine));
  }
}

/** A top-level key that is wrong may be meant to be any other one. */
function isBeside(known: string, path: string): boolean {
  return known !== '' && !known.includes('.') && !path.includes('.');
}

/** Finds the text of a line in files that were read. */
export function sourceLines(texts: ReadonlyMap<string, string>): (location: Location) => string | undefined {
  const lines = new Map<string, readonly string[]>();
  return ({ file, line }) => {
    let ofFile = lines.get(file);
    if (ofFile === undefined) {
      ofFile = texts.get(file)?.split(/\r?\n/) ?? [];
      lines.set(file, ofFile);
    }
    return ofFile[line - 1];
  };
}

function withSourceLine(problem: Problem, find: (location: Location) => string | undefined): Problem {
  const sourceLine = problem.location && find(problem.location);
  return sourceLine === undefined ? problem : { ...problem, sourceLine };
}
