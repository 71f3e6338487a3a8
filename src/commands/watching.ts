import type { Loaded } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { WatchedService } from '../plan/watch.ts';
import { freshly } from './fresh.ts';
import { createReturns } from './returns.ts';
import { createRounds } from './rounds.ts';
import { createApplier, type StackFiles, stackFilesOf } from './stack-files.ts';
import { createUnits } from './units.ts';
import { filesOf } from './watched.ts';
import { observeContainers } from './work.ts';

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
    const containers = await observeContainers(name, surroundings, until).catch(() => []);
    for (const { service } of containers) begun.add(service);
  });
  const busy = counted(options.busy ?? (() => {}));
  const fresh = freshly(loaded, reload, { emit, tells: stackFiles === undefined });
  const units = createUnits({ fresh, begun, keptImages, busy, until }, surroundings);
  units.turnTo(loaded, watched);
  const returns = createReturns(surroundings, until);
  let own = await stackFilesOf(loaded);
  const request = (services: readonly WatchedService[]) =>
    filesOf([
      ...services.flatMap(({ triggers }) => triggers.map(({ files }) => files)),
      ...(stackFiles === undefined ? [] : [own]),
    ]);

  const applier =
    stackFiles === undefined
      ? undefined
      : createApplier(
          loaded,
          {
            ...{ reload, begun, busy, until, stackFiles },
            async turnTo(next, services) {
              own = await stackFilesOf(next);
              units.turnTo(next, services);
              returns.turnTo(next);
              await rounds.turnTo(request(services));
            },
          },
          surroundings,
        );
  const rounds = createRounds(
    watchFiles,
    async (paths) => {
      await started;
      if (until.aborted) return;
      const ours = paths.filter((file) => own.includes(file));
      if (ours.length > 0) applier?.take(ours);
      units.take(paths);
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
      await Promise.all([units.finish(), applier?.finish(), returns.finish()]);
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
