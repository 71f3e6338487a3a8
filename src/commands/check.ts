import { checkDisk } from '../load/check/disk.ts';
import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import { unsupportedIn } from '../plan/unsupported.ts';
import { gathered } from './gathered.ts';

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
  const missing = loaded === undefined ? [] : checkDisk(loaded.stack);
  // The file is right, but `up` will refuse it.
  const later = loaded === undefined ? [] : unsupportedIn(loaded.stack);
  const found = [...missing, ...later.map((problem): Problem => ({ ...problem, severity: 'warning' }))];
  const framed = found.map((problem) => {
    const sourceLine = problem.location && loaded?.sourceLine(problem.location);
    return sourceLine === undefined ? problem : { ...problem, sourceLine };
  });
  return gathered([...asked.problems, ...others, ...framed], loaded?.read ?? []);
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
