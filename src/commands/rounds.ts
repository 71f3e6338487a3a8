import type { WatchFiles, WatchRequest } from '../model/runtime.ts';

/** Watching files that may have to be others from some moment on. */
export interface Rounds {
  /** These are watched from now on in the place of those before, without missing a change; resolves once they are. */
  turnTo(request: WatchRequest): Promise<void>;
  /** Resolves once watching is over; rejects if the files cannot be watched. */
  over(): Promise<void>;
}

/**
 * What was watched before is watched on until the next round has begun, and a moment longer, in milliseconds: what has
 * changed until then takes a while to be told.
 */
const overlap = 500;

/** Gives what changes to `take`, one batch after the other. */
export function createRounds(
  watchFiles: WatchFiles,
  take: (paths: readonly string[]) => Promise<void>,
  until: AbortSignal,
): Rounds {
  const failing = new AbortController();
  const running = new Set<Promise<void>>();
  let current: AbortController | undefined;
  let failed: { readonly error: unknown } | undefined;

  const watch = async (request: WatchRequest, ready: () => void, round: AbortController): Promise<void> => {
    const signal = AbortSignal.any([until, failing.signal, round.signal]);
    try {
      for await (const { paths } of watchFiles(request, ready, signal)) await take(paths);
    } catch (error) {
      failed ??= { error };
      failing.abort();
    }
  };

  return {
    turnTo(request) {
      const before = current;
      const round = new AbortController();
      current = round;
      return new Promise((resolve) => {
        const ready = (): void => {
          if (before !== undefined) setTimeout(() => before.abort(), overlap).unref();
          resolve();
        };
        const watching = watch(request, ready, round).finally(() => {
          running.delete(watching);
          resolve();
        });
        running.add(watching);
      });
    },
    async over() {
      const signal = AbortSignal.any([until, failing.signal]);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.all(running);
      if (failed !== undefined) throw failed.error;
    },
  };
}
