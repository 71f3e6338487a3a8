import type { Problem } from '../model/problem.ts';

/** Problems that several looks at a stack have found, each once, in the order of the files that were read. */
export function gathered(problems: readonly Problem[], read: readonly string[]): readonly Problem[] {
  return inOrder(distinct(problems), read);
}

function distinct(problems: readonly Problem[]): readonly Problem[] {
  const keyed = problems.map((problem): [string, Problem] => [
    JSON.stringify([
      problem.code,
      problem.location,
      problem.location === undefined ? problem.message : problem.path,
    ]),
    problem,
  ]);
  // The first one is kept.
  return [...new Map(keyed.toReversed()).values()].toReversed();
}

/** In the order of the files and of the lines in them; those without a place come last. */
function inOrder(problems: readonly Problem[], read: readonly string[]): readonly Problem[] {
  const files = new Set([...read, ...problems.flatMap(({ location }) => (location ? [location.file] : []))]);
  const order = [...files];
  const rank = ({ location }: Problem) =>
    location === undefined ? order.length : order.indexOf(location.file);
  return problems.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
      (a.location?.column ?? 0) - (b.location?.column ?? 0),
  );
}
