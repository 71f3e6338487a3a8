import { checkDisk } from '../load/check/disk.ts';
import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import { unsupportedIn } from '../plan/unsupported.ts';

/**
 * All that is wrong with a stack as far as it can be known without an engine: what loading it finds, also in services
 * that are switched off, and what is missing on the disk. In the order of the files.
 */
export async function check(given: LoadRequest): Promise<readonly Problem[]> {
  const request = { ...given, readStdin: once(given.readStdin) };
  const asked = await attempt(request);
  // Services of profiles that exclude each other may share a name: that is only wrong if they are on together.
  const all = { ...request, profiles: ['*'], allResources: true };
  const others = (await attempt(all)).problems.filter(({ code }) => code !== 'conflicting-keys');
  // What is missing is no reason not to look for the rest.
  const { loaded } = await attempt({ ...all, resolveEnvironment: false, consistency: false });
  const missing = loaded === undefined ? [] : await checkDisk(loaded.stack);
  // The file is right, but `up` will refuse it.
  const later = loaded === undefined ? [] : unsupportedIn(loaded.stack);
  const found = [...missing, ...later.map((problem): Problem => ({ ...problem, severity: 'warning' }))];
  const framed = found.map((problem) => {
    const sourceLine = problem.location && loaded?.sourceLine(problem.location);
    return sourceLine === undefined ? problem : { ...problem, sourceLine };
  });
  return inOrder(distinct([...asked.problems, ...others, ...framed]), loaded?.read ?? []);
}

/** Standard input can be read only once. */
function once(read: LoadRequest['readStdin']): () => Promise<string> {
  let text: Promise<string> | undefined;
  return () => {
    text ??= read?.() ?? Promise.resolve('');
    return text;
  };
}

interface Attempt {
  readonly loaded?: Loaded;
  readonly problems: readonly Problem[];
}

async function attempt(request: LoadRequest): Promise<Attempt> {
  try {
    const loaded = await loadStack(request);
    return { loaded, problems: loaded.warnings };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return { problems: error.problems };
  }
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
