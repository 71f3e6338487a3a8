import type { Loaded } from '../load/load.ts';
import { withResolvers } from '../model/resolvers.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { WatchedService } from '../plan/watch.ts';
import type { StackFiles } from './stack-files.ts';
import { followChanges, type WatchingOptions } from './watching.ts';

/** Watching that begins and ends while a command stays with a stack. */
export interface Watcher {
  isOn(): boolean;
  /**
   * Resolves once the files are watched and what changes is acted on, which is from `begin` on, or once that is no longer
   * wanted. Rejects if they cannot be watched, or someone else watches the project.
   */
  start(loaded: Loaded, watched: readonly WatchedService[], begin: Promise<void>): Promise<void>;
  /** Resolves once what has begun is done. */
  stop(): Promise<void>;
}

/** `busy` is told while containers are being replaced or restarted, `lost` what ends watching that has begun; without `reload` the stack stays as it is. */
export function createWatcher(
  {
    busy,
    lost,
    reload,
    keptImages,
    stackFiles,
    acted,
  }: {
    readonly busy: (is: boolean) => void;
    readonly lost: (error: unknown) => void;
    readonly reload?: (() => Promise<Loaded>) | undefined;
    /** See `RenewOptions`. */
    readonly keptImages: number | undefined;
    readonly stackFiles?: StackFiles | undefined;
    readonly acted?: WatchingOptions['acted'];
  },
  surroundings: Surroundings,
): Watcher {
  let current: { readonly over: AbortController; readonly following: Promise<void> } | undefined;
  return {
    isOn: () => current !== undefined,
    start(loaded, watched, begin) {
      const over = new AbortController();
      const started = withResolvers<void>();
      let hasStarted = false;
      const emit: Surroundings['emit'] = (event) => {
        surroundings.emit(event);
        if (event.type !== 'watch-started') return;
        hasStarted = true;
        started.resolve();
      };
      const options = {
        begin,
        until: over.signal,
        keptImages,
        busy,
        stackFiles,
        acted,
        reload: reload ?? (() => Promise.resolve(loaded)),
      };
      const following = followChanges(loaded, watched, options, { ...surroundings, emit }).then(
        started.resolve,
        (error: unknown) => {
          if (over.signal.aborted) return started.resolve();
          current = undefined;
          if (hasStarted) lost(error);
          else started.reject(error);
        },
      );
      current = { over, following };
      return started.promise;
    },
    async stop() {
      const stopped = current;
      current = undefined;
      stopped?.over.abort();
      await stopped?.following;
    },
  };
}
