import type { Loaded } from '../load/load.ts';
import { problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { WatchedService } from '../plan/watch.ts';
import { freshly } from './fresh.ts';
import { createReturns } from './returns.ts';
import { createRounds } from './rounds.ts';
import { createApplier, type StackFiles, stackFilesOf } from './stack-files.ts';
import { createUnits } from './units.ts';
import { filesOf, readWatched, rulesOf } from './watched.ts';

export interface WatchingOptions {
  /** What changes before is acted on then. */
  readonly begin: Promise<void>;
  /** What has begun by then is brought to its end, unless the user wants all to end. */
  readonly until: AbortSignal;
  /** See `RenewOptions` of the plan. */
  readonly keptImages: number | undefined;
  /** The stack as its files are now. */
  readonly reload: () => Promise<Loaded>;
  /** Also act on the files of the stack itself. */
  readonly stackFiles?: StackFiles | undefined;
  /** Told while containers are being replaced or restarted. */
  readonly busy?: (is: boolean) => void;
  /** Called once all is done that a change leads to; does what is left to do itself. */
  readonly acted?: (() => Promise<void>) | undefined;
}

/**
 * Watches the files of services, and those of the stack itself, and does what their changes lead to. Rejects if the files
 * cannot be watched, or someone else watches the project.
 */
export async function followChanges(
  loaded: Loaded,
  watched: readonly WatchedService[],
  options: WatchingOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { begin, until, keptImages, reload, stackFiles } = options;
  const { emit, watchFiles, asOnlyWatcher } = surroundings;
  const { name } = loaded.stack;
  const begun = new Set<string>();
  const started = begin.then(async () => {
    // Without an answer it is taken for what the stack says.
    const containers = await surroundings.runtime.observeContainers(name, until).catch(() => []);
    for (const { service } of containers) begun.add(service);
  });
  const busy = counted(options.busy ?? (() => {}));
  const fresh = freshly(loaded, reload, { emit, tells: stackFiles === undefined });
  const units = createUnits({ fresh, begun, keptImages, busy, until }, surroundings);
  units.turnTo(loaded, watched);
  const returns = createReturns(surroundings, until);
  let current = loaded;
  let own = await stackFilesOf(loaded);
  let rules = rulesOf(watched);
  const request = (services: readonly WatchedService[]) =>
    filesOf([
      ...services.flatMap(({ triggers }) => triggers.map(({ files }) => files)),
      rules,
      ...(stackFiles === undefined ? [] : [own]),
    ]);
  const turnTo = async (next: Loaded, services: readonly WatchedService[]): Promise<void> => {
    current = next;
    rules = rulesOf(services);
    units.turnTo(next, services);
    await rounds.turnTo(request(services));
  };
  /** What an ignore file let nobody see is watched from now on, and what it hides is not. */
  const readRules = async (): Promise<void> => {
    try {
      // What there is to be said of the rules was said when they were read first.
      await turnTo(current, await readWatched(current, { ...surroundings, emit: () => {} }));
    } catch (error) {
      for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
    }
  };

  const applier =
    stackFiles === undefined
      ? undefined
      : createApplier(
          loaded,
          {
            ...{ reload, begun, busy, until, stackFiles },
            async turnTo(next, services) {
              own = await stackFilesOf(next);
              returns.turnTo(next);
              await turnTo(next, services);
            },
          },
          surroundings,
        );
  const finishActions = () => Promise.all([units.finish(), applier?.finish()]);
  let acting: Promise<unknown> = Promise.resolve();
  const rounds = createRounds(
    watchFiles,
    async (paths) => {
      await started;
      if (until.aborted) return;
      if (paths.some((file) => rules.includes(file))) await readRules();
      const ours = paths.filter((file) => own.includes(file));
      if (ours.length > 0) applier?.take(ours);
      units.take(paths);
      acting = Promise.all([acting, finishActions()]).then(() =>
        until.aborted ? undefined : options.acted?.(),
      );
    },
    until,
  );
  await asOnlyWatcher(name, until, async () => {
    rounds.turnTo(request(watched)).then(async () => {
      await started;
      if (until.aborted) return;
      returns.turnTo(loaded);
      emit({ type: 'watch-started', services: watched.map((service) => service.name) });
    });
    try {
      await rounds.over();
    } finally {
      await Promise.all([finishActions(), returns.finish(), acting]);
    }
  });
}

/** Tells when the first begins and when the last has ended. */
function counted(tell: (is: boolean) => void): (is: boolean) => void {
  let count = 0;
  return (is) => {
    count += is ? 1 : -1;
    if (count === (is ? 1 : 0)) tell(is);
  };
}
