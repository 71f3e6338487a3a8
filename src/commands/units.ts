import path from 'node:path';
import type { Loaded } from '../load/load.ts';
import { groupBy } from '../model/groups.ts';
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
import type { Fresh } from './fresh.ts';
import { askPrograms } from './programs.ts';
import { initialFilesOf } from './watched.ts';
import { carryOut, observeStack, withPlaces } from './work.ts';
import { createWorker, type Worker } from './worker.ts';

/** Services that act on their files, each at its own pace: a build of one holds up no other. */
export interface Units {
  /** These are acted on from now on; what is under way for others is brought to its end. */
  turnTo(loaded: Loaded, watched: readonly WatchedService[]): void;
  take(paths: readonly string[]): void;
  /** Resolves when nothing is under way any more. */
  finish(): Promise<void>;
}

export interface UnitsOptions {
  readonly fresh: Fresh;
  /** Services that have had containers. */
  readonly begun: Set<string>;
  /** See `RenewOptions` of the plan. */
  readonly keptImages: number | undefined;
  /** Told when containers begin and cease to be replaced or restarted. */
  readonly busy: (is: boolean) => void;
  /** Nothing begins any more. */
  readonly until: AbortSignal;
}

/** What fails is told and tried again with the next change. */
export function createUnits(options: UnitsOptions, surroundings: Surroundings): Units {
  const workers = new Map<string, Worker>();
  const services = new Map<string, WatchedService>();
  let directory = '';
  let units: readonly Unit[] = [];
  const context: Context = {
    ...options,
    surroundings,
    shown: (file) => path.relative(directory, file),
    watched: (names) => names.flatMap((name) => services.get(name) ?? []),
  };
  return {
    turnTo(loaded, watched) {
      directory = loaded.stack.directory;
      services.clear();
      for (const service of watched) services.set(service.name, service);
      units = groupsOf(loaded, [...services.keys()]).map((names) => {
        const name = names.join(', ');
        const triggers = context.watched(names).flatMap((service) => service.triggers);
        const worker =
          workers.get(name) ??
          createWorker((changes, superseded) => respond(names, changes, superseded, context), options.until);
        workers.set(name, worker);
        return { watched: { name, triggers }, worker };
      });
    },
    take(paths) {
      for (const { watched, worker } of units) {
        const changes = changesOf(watched, paths);
        if (changes !== undefined) worker.add(changes);
      }
    },
    async finish() {
      await Promise.all([...workers.values()].map((worker) => worker.finish()));
    },
  };
}

/** Services that are built in the same way, or one by itself. */
interface Unit {
  readonly watched: WatchedService;
  readonly worker: Worker;
}

/** Those without rules that have the same `build` are built once. */
function groupsOf({ stack }: Loaded, services: readonly string[]): readonly (readonly string[])[] {
  return [
    ...groupBy(services, (name) => {
      const service = stack.services[name] ?? {};
      return hasRules(service) ? name : JSON.stringify([service.build, service.platform]);
    }).values(),
  ];
}

interface Context extends Omit<UnitsOptions, 'until'> {
  readonly surroundings: Surroundings;
  /** A path as it is told. */
  readonly shown: (file: string) => string;
  readonly watched: (services: readonly string[]) => readonly WatchedService[];
}

/** Does what changes lead to, in the order of a batch; gives what could not be done. Never throws. */
async function respond(
  services: readonly string[],
  changes: Changes,
  superseded: AbortSignal,
  context: Context,
): Promise<Changes | undefined> {
  const { shown, busy, surroundings } = context;
  const { paths } = changes;
  surroundings.emit({ type: 'files-changed', paths, services, responses: responsesTo(changes) });
  const because = `${shown(paths[0] ?? '')} changed`;
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
  { fresh, begun, watched, keptImages, surroundings }: Context,
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
    const initialFiles = await initialFilesOf(watched(own), surroundings);
    const plan = withPlaces(loaded, () =>
      planRenewal(stack, observed, { services: own, begun, keptImages, initialFiles, replaceOrder }),
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
    const containers = await surroundings.runtime.observeContainers(stack.name, signal);
    const plan = planChanges(stack, { containers }, service, changes, because);
    return (await carryOut(plan, 'change', surroundings, signal, loaded)).length === 0;
  };
  return changes.restart ? exclusively(stack.name, signal, act) : act();
}
