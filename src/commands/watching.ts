import path from 'node:path';
import type { Loaded } from '../load/load.ts';
import { problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import {
  type Changes,
  changesOf,
  hasRules,
  planChanges,
  planRebuild,
  planRenewal,
  responsesTo,
  type WatchedService,
} from '../plan/watch.ts';
import { type Fresh, freshly } from './fresh.ts';
import { askPrograms } from './programs.ts';
import { filesOf, type Watched } from './watched.ts';
import { carryOut, observeContainers, observeStack, withPlaces } from './work.ts';
import { createWorker, type Worker } from './worker.ts';

export interface WatchingOptions {
  /** What changes before is acted on then. */
  readonly begin: Promise<void>;
  /** What has begun by then is brought to its end, unless the user wants all to end. */
  readonly until: AbortSignal;
  /** See `RenewOptions` of the plan. */
  readonly keptImages: number | undefined;
  /** The stack as its files are now. */
  readonly reload: () => Promise<Loaded>;
  /** Told while containers are being replaced or restarted. */
  readonly busy?: (is: boolean) => void;
}

/**
 * Watches the files of services and does what their changes lead to. Each service goes its own way: a build of one holds up
 * no other. What fails is told and tried again with the next change. Rejects if the files cannot be watched, or someone else
 * watches the project.
 */
export async function followChanges(
  loaded: Loaded,
  watched: Watched,
  options: WatchingOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { begin, until } = options;
  const { emit, watchFiles, asOnlyWatcher } = surroundings;
  const begun = new Set<string>();
  const started = begin.then(async () => {
    // Without an answer it is taken for what the stack says.
    const containers = await observeContainers(loaded.stack.name, surroundings, until).catch(() => []);
    for (const { service } of containers) begun.add(service);
  });
  const units = unitsOf(loaded, watched, options, begun, surroundings);
  const services = watched.services.map(({ name }) => name);
  const ready = (): void => {
    void started.then(() => {
      if (!until.aborted) emit({ type: 'watch-started', services });
    });
  };
  await asOnlyWatcher(loaded.stack.name, until, async () => {
    for await (const { paths } of watchFiles(filesOf(watched.services), ready, until)) {
      await started;
      if (until.aborted) break;
      for (const { watched: own, worker } of units) {
        const changes = changesOf(own, paths);
        if (changes !== undefined) worker.add(changes);
      }
    }
    await Promise.all(units.map(({ worker }) => worker.finish()));
  });
}

/** Services that are built in the same way, or one by itself. */
interface Unit {
  readonly watched: WatchedService;
  readonly worker: Worker;
}

function unitsOf(
  loaded: Loaded,
  { services, initialFiles }: Watched,
  { until, keptImages, reload, busy = () => {} }: WatchingOptions,
  begun: Set<string>,
  surroundings: Surroundings,
): readonly Unit[] {
  const fresh = freshly(loaded, reload, surroundings);
  const { directory } = loaded.stack;
  const context = { directory, fresh, begun, initialFiles, keptImages, busy: counted(busy), surroundings };
  const watchedServices = new Map(services.map((service) => [service.name, service]));
  return groupsOf(loaded, [...watchedServices.keys()]).map((names) => {
    const group = names.flatMap((name) => watchedServices.get(name) ?? []);
    const act = (changes: Changes, superseded: AbortSignal) => respond(names, changes, superseded, context);
    const triggers = group.flatMap((service) => service.triggers);
    return { watched: { name: names.join(', '), triggers }, worker: createWorker(act, until) };
  });
}

/** Those without rules that have the same `build` are built once. */
function groupsOf({ stack }: Loaded, services: readonly string[]): readonly (readonly string[])[] {
  return [
    ...Map.groupBy(services, (name) => {
      const service = stack.services[name] ?? {};
      return hasRules(service) ? name : JSON.stringify([service.build, service.platform]);
    }).values(),
  ];
}

interface Context extends Pick<Watched, 'initialFiles'> {
  /** That of the stack. */
  readonly directory: string;
  readonly fresh: Fresh;
  /** Services that have had containers. */
  readonly begun: Set<string>;
  readonly keptImages: number | undefined;
  readonly busy: (is: boolean) => void;
  readonly surroundings: Surroundings;
}

/** Does what changes lead to, in the order of a batch; gives what could not be done. Never throws. */
async function respond(
  services: readonly string[],
  changes: Changes,
  superseded: AbortSignal,
  context: Context,
): Promise<Changes | undefined> {
  const { directory, busy, surroundings } = context;
  const { paths } = changes;
  surroundings.emit({ type: 'files-changed', paths, services, responses: responsesTo(changes) });
  const because = `${path.relative(directory, paths[0] ?? '')} changed`;
  const isDisturbing = changes.rebuild || changes.restart;
  if (isDisturbing) busy(true);
  try {
    if (changes.rebuild && !(await rebuild(services, because, superseded, context))) return changes;
    const rest = { ...changes, rebuild: false };
    const isDone = (await Promise.all(services.map((name) => update(name, rest, because, context)))).every(
      (done) => done,
    );
    return isDone ? undefined : rest;
  } catch (error) {
    if (surroundings.signal.aborted) return undefined;
    for (const problem of problemsOf(error)) surroundings.emit({ type: 'problem-found', problem });
    return changes;
  } finally {
    if (isDisturbing) busy(false);
  }
}

/** Whether the new image was built and its containers are there. A build that is no longer wanted is broken off. */
async function rebuild(
  services: readonly string[],
  because: string,
  superseded: AbortSignal,
  { fresh, begun, initialFiles, keptImages, surroundings }: Context,
): Promise<boolean> {
  const { signal, exclusively, replaceOrder } = surroundings;
  const building = AbortSignal.any([signal, superseded]);
  const built = await fresh(services);
  for (const group of groupsOf(built, known(services, built))) {
    const build = withPlaces(built, () => planRebuild(built.stack, group, because));
    const failed = await carryOut(build, 'change', surroundings, building, built);
    if (failed.length > 0 || building.aborted) return false;
  }
  return exclusively(built.stack.name, signal, async () => {
    // Who had the project until now may have brought up what the files say by now.
    const loaded = await fresh(services);
    const asked = await askPrograms(loaded, 'change', surroundings);
    if (asked.problems.length > 0) return false;
    const { stack } = asked.loaded;
    const own = known(services, loaded);
    const observed = await observeStack(stack, surroundings, signal);
    const files = Object.fromEntries(own.map((name) => [name, initialFiles[name] ?? []]));
    const plan = withPlaces(loaded, () =>
      planRenewal(stack, observed, { services: own, begun, keptImages, initialFiles: files, replaceOrder }),
    );
    const problems = await carryOut({ ...plan, warnings: [] }, 'change', surroundings, signal, loaded);
    // What others fail of is theirs.
    const isDone = problems.every(({ service }) => service === undefined || !services.includes(service));
    if (isDone) for (const name of own) begun.add(name);
    return isDone;
  });
}

/** Those that the stack still has. */
function known(services: readonly string[], { stack }: Loaded): readonly string[] {
  return services.filter((name) => stack.services[name] !== undefined);
}

/** Whether the containers have the files, and were restarted and told as the rules say. */
async function update(
  service: string,
  changes: Changes,
  because: string,
  { fresh, surroundings }: Context,
): Promise<boolean> {
  if (responsesTo(changes).length === 0) return true;
  const loaded = await fresh([service]);
  const { stack } = loaded;
  const { signal, exclusively } = surroundings;
  const act = async (): Promise<boolean> => {
    const containers = await observeContainers(stack.name, surroundings, signal);
    const plan = planChanges(stack, { containers }, service, changes, because);
    return (await carryOut(plan, 'change', surroundings, signal, loaded)).length === 0;
  };
  return changes.restart ? exclusively(stack.name, signal, act) : act();
}

/** Tells when the first begins and when the last has ended. */
function counted(tell: (is: boolean) => void): (is: boolean) => void {
  let count = 0;
  return (is) => {
    count += is ? 1 : -1;
    if (count === (is ? 1 : 0)) tell(is);
  };
}
