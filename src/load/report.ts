import { type Location, type Problem, ProblemsError } from '../model/problem.ts';
import { joinPath, pathsTo } from '../model/stack.ts';
import type { Node } from './node.ts';

/** How a stage tells a problem and goes on, so that the user sees all of them at once. */
export type Report = (problem: Told) => void;

export interface Told extends Problem {
  /** Problems with this text are the same one, which is told at its first place only. */
  readonly once?: string;
  /** What to say if there are more places, instead of the message. */
  readonly withMore?: (more: string) => string;
  /** The variable that has no value. */
  readonly variable?: string;
}

/** Where in the stack a stage is. */
export interface Place {
  /** Dotted path: `services.web.ports[0]`. Empty at the top. */
  readonly path: string;
  readonly report: Report;
  /** Variables are not replaced: values keep the form they are written in, and those with a variable are not checked. */
  readonly asWritten?: true;
}

export function within(place: Place, key: string): Place {
  return new Inner(place, key);
}

export function item(place: Place, index: number): Place {
  return new Inner(place, index);
}

/** A place inside of another one. Its path is only made where there is something to tell. */
class Inner implements Place {
  readonly report: Report;
  readonly asWritten?: true;
  readonly #outer: Place;
  readonly #step: string | number;

  constructor(outer: Place, step: string | number) {
    this.report = outer.report;
    if (outer.asWritten) this.asWritten = true;
    this.#outer = outer;
    this.#step = step;
  }

  get path(): string {
    const { path } = this.#outer;
    return typeof this.#step === 'number' ? `${path}[${this.#step}]` : joinPath(path, this.#step);
  }
}

/** The service a path belongs to. */
export function serviceIn(path: string): { service?: string } {
  const [section, service] = pathsTo(path);
  if (section !== 'services' || service === undefined) return {};
  const key = service.slice(section.length);
  return { service: key.startsWith('[') ? JSON.parse(key.slice(1, -1)) : key.slice(1) };
}

/** Tells an error at a node. */
export function complain(
  place: Place,
  at: { readonly location: Location },
  problem: Pick<Told, 'code' | 'message'> & Partial<Told>,
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
  problem: Pick<Told, 'code' | 'message'> & Partial<Told>,
): Node {
  complain(place, node, problem);
  return { kind: 'broken', location: node.location };
}

interface Kept {
  readonly problem: Told;
  /** Where it was told; one place is kept once, as an anchor that is used twice has it. */
  readonly places: Set<string>;
}

/** Gathers problems; the same problem at the same place is kept once. */
export class Problems {
  readonly #all = new Map<string, Kept>();
  /** The paths of errors and all that enclose them. */
  readonly #paths = new Set<string>();
  #wrongAtTheTop = false;

  readonly report: Report = (problem) => {
    const { location, path = '' } = problem;
    if (problem.severity === 'error') {
      const paths = pathsTo(path);
      for (const one of paths) this.#paths.add(one);
      this.#wrongAtTheTop ||= paths.length === 1;
    }
    const place = location === undefined ? path : `${location.file}:${location.line}:${location.column}`;
    const own = `${problem.code} ${place} ${location === undefined ? problem.message : ''}`;
    const key = problem.once ?? own;
    const known = this.#all.get(key);
    if (known === undefined) this.#all.set(key, { problem, places: new Set([place]) });
    else known.places.add(place);
  };

  /** True if an error is at the path or below it, or is an unknown key beside it. */
  readonly touches = (path: string): boolean =>
    this.#paths.has(path) || (this.#wrongAtTheTop && pathsTo(path).length === 1);

  /** The variables that have no value. */
  get unset(): ReadonlySet<string> {
    return new Set(this.#problems().flatMap(({ variable }) => (variable === undefined ? [] : [variable])));
  }

  /** The variables among them without which nothing can be loaded. */
  get required(): ReadonlySet<string> {
    return new Set(
      this.#problems().flatMap(({ variable, severity }) =>
        variable !== undefined && severity === 'error' ? [variable] : [],
      ),
    );
  }

  /** Says something else, or more, about variables that have no value. */
  explainUnset(words: ReadonlyMap<string, Partial<Told>>): void {
    for (const [key, kept] of this.#all) {
      const more = words.get(kept.problem.variable ?? '');
      if (more !== undefined) this.#all.set(key, { ...kept, problem: { ...kept.problem, ...more } });
    }
  }

  get failed(): boolean {
    return this.#problems().some(({ severity }) => severity === 'error');
  }

  #problems(): readonly Told[] {
    return [...this.#all.values()].map(({ problem }) => problem);
  }

  /** Throws `ProblemsError` if there is an error, with all that was told; `texts` are the files they are about. */
  stopIfFailed(texts: ReadonlyMap<string, string>): void {
    if (this.failed) throw new ProblemsError(this.sorted(texts));
  }

  /** In the order of the files and of the lines in them; those without a place come last. */
  sorted(texts: ReadonlyMap<string, string>): Problem[] {
    const order = [...texts.keys()];
    const sourceLine = sourceLines((file) => texts.get(file));
    const rank = ({ location }: Problem) =>
      location === undefined ? order.length + 1 : order.indexOf(location.file) + 1 || order.length;
    return [...this.#all.values()]
      .map(finished)
      .sort(
        (a, b) =>
          rank(a) - rank(b) ||
          (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
          (a.location?.column ?? 0) - (b.location?.column ?? 0),
      )
      .map((problem) => withSourceLine(problem, sourceLine));
  }
}

function finished({ problem: { once: _, variable: __, withMore, ...problem }, places }: Kept): Problem {
  const more = places.size - 1;
  const message =
    more === 0 || withMore === undefined
      ? problem.message
      : withMore(`${more} more ${more === 1 ? 'place' : 'places'}`);
  return { ...problem, message: inOneLine(message) };
}

/** A message quotes what the file has, which may have many lines, or a long one. */
function inOneLine(message: string): string {
  return message.replace(/\s*[\r\n]\s*/g, ' ').replace(/`([^`]{200})[^`]+`/g, '`$1…`');
}

/** Finds the text of a line in files, each of which is asked for once. */
export function sourceLines(
  textOf: (file: string) => string | undefined,
): (location: Location) => string | undefined {
  const lines = new Map<string, readonly string[]>();
  return ({ file, line }) => {
    let ofFile = lines.get(file);
    if (ofFile === undefined) {
      ofFile = textOf(file)?.split(/\r\n?|\n/) ?? [];
      lines.set(file, ofFile);
    }
    return ofFile[line - 1];
  };
}

function withSourceLine(problem: Problem, find: (location: Location) => string | undefined): Problem {
  const sourceLine = problem.location && find(problem.location);
  return sourceLine === undefined ? problem : { ...problem, sourceLine };
}
