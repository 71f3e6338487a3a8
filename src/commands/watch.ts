import type { Loaded, LoadRequest } from '../load/load.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import { withResolvers } from '../model/resolvers.ts';
import type { Surroundings } from '../model/runtime.ts';
import { keptImages } from '../plan/superseded.ts';
import { hasRules, type InitialFiles, planChanges, type WatchedService } from '../plan/watch.ts';
import { indifferentCompany, type Onlooker } from './company.ts';
import { converge, loadChosen } from './converge.ts';
import { untrusted } from './demands.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { tellingStates } from './states.ts';
import { initialFilesOf, notWatched, readWatched } from './watched.ts';
import { followChanges } from './watching.ts';
import { carryOut, tellLoaded } from './work.ts';

export interface WatchOptions {
  readonly load: LoadRequest;
  /** Bring the services up before, those that have rules and are built with new images. */
  readonly up: boolean;
  /** As with `ConvergeOptions`. */
  readonly checkBuilds?: boolean;
  /** Remove images that new ones took the names of, but for the last ones. */
  readonly prune: boolean;
  /** As with Docker Compose the last ones, too, and the files of the stack itself are not acted on. */
  readonly lenient?: boolean;
  /** Someone who looks on and can act; also tell how the containers are, and of what they write if that is wanted. */
  readonly onlooker?: Pick<Onlooker, 'meet'> & { readonly logs: boolean };
}

/**
 * Acts on files of services that change until the user ends it; the services run on. Throws `not-watched` if there is
 * nothing to watch, once the services are up.
 */
export async function watch(options: WatchOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, onlooker } = options;
  const loaded = await loadChosen({ load });
  const unagreed = await untrusted(loaded, surroundings);
  if (unagreed.length > 0) throw new ProblemsError(unagreed);
  tellLoaded(loaded, surroundings);
  if (onlooker === undefined) return watchLoaded(loaded, options, surroundings);
  onlooker.meet(indifferentCompany(surroundings));
  const { name, services } = loaded.stack;
  const spoken = onlooker.logs ? Object.keys(services) : [];
  return tellingStates(name, spoken, surroundings, () => watchLoaded(loaded, options, surroundings));
}

async function watchLoaded(
  loaded: Loaded,
  options: WatchOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { load, prune, lenient } = options;
  const kept = prune ? (lenient === true ? 0 : keptImages) : undefined;
  const reload = () => loadChosen({ load });
  const { signal, leave } = surroundings;
  const watched = await readWatched(loaded, surroundings);
  const stackFiles =
    options.lenient === true ? undefined : { load, asks: false, rises: () => false, renewed: () => {} };
  // Watching begins before the services are up, so that no change is missed; what changes is acted on from then on.
  const raised = withResolvers<void>();
  const over = new AbortController();
  const until = AbortSignal.any([signal, leave, over.signal]);
  // Either is in vain without the other.
  const fail = (): void => over.abort();
  const following =
    watched.length === 0
      ? Promise.resolve()
      : followChanges(
          loaded,
          watched,
          { begin: raised.promise, until, keptImages: kept, reload, stackFiles },
          surroundings,
        );
  following.catch(fail);
  const raising = raise(loaded, options, watched, { ...surroundings, signal: until });
  raising.then((problems) => problems.length > 0 && fail(), fail).finally(raised.resolve);
  const [watching, brought] = await Promise.allSettled([following, raising]);
  if (watching.status === 'rejected') throw watching.reason;
  if (brought.status === 'rejected') throw brought.reason;
  if (signal.aborted) return interrupted;
  if (leave.aborted) return succeeded;
  if (brought.value.length > 0) return outcomeOf(brought.value);
  throw notWatched();
}

async function raise(
  loaded: Loaded,
  options: WatchOptions,
  watched: readonly WatchedService[],
  surroundings: Surroundings,
): Promise<readonly Problem[]> {
  const initialFiles = await initialFilesOf(watched, surroundings);
  return options.up
    ? bringUp(loaded, options, initialFiles, surroundings)
    : syncInitially(loaded, initialFiles, surroundings);
}

async function bringUp(
  loaded: Loaded,
  { load, checkBuilds = false }: WatchOptions,
  initialFiles: InitialFiles,
  surroundings: Surroundings,
): Promise<readonly Problem[]> {
  const build = Object.entries(loaded.stack.services).flatMap(([name, service]) =>
    service.build !== undefined && hasRules(service) ? [name] : [],
  );
  const wishes = { load, build, checkBuilds, initialFiles, until: 'settled' } as const;
  return (await converge(loaded, wishes, 'up', surroundings)).problems;
}

async function syncInitially(
  loaded: Loaded,
  initialFiles: InitialFiles,
  surroundings: Surroundings,
): Promise<readonly Problem[]> {
  const { signal } = surroundings;
  const wanted = Object.entries(initialFiles).filter(([, files]) => files.length > 0);
  if (wanted.length === 0) return [];
  const containers = await surroundings.runtime.observeContainers(loaded.stack.name, signal);
  const nothingElse = { paths: [], restart: false, commands: [] };
  const problems = await Promise.all(
    wanted.map(([name, files]) => {
      const changes = { ...nothingElse, files };
      const plan = planChanges(loaded.stack, { containers }, name, changes, 'initial_sync asks for it');
      return carryOut(plan, 'change', surroundings, signal, loaded);
    }),
  );
  return problems.flat();
}
