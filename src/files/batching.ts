/** Time as the batching sees it, so that tests can hold it. Milliseconds. */
export interface Clock {
  now(): number;
  /** Calls back once after the time; the result cancels that. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Long enough for the two or three steps in which an editor saves, too short to be felt. */
const quiet = 20;
/** A program that writes all the time must not hold back what it has written. */
const longest = 150;

/** So many paths are no editor but a change of branch or an installation, which comes in waves. */
const manyPaths = 200;
const quietWhenMany = 300;
const longestWhenMany = 3000;

/** Gathers paths until the dust has settled. */
export interface Batching {
  add(path: string): void;
  /** Forgets what was gathered. */
  close(): void;
}

/** Delivers each path once per batch: after a quiet moment, and at the latest some time after the first. */
export function createBatching(deliver: (paths: readonly string[]) => void, clock: Clock): Batching {
  const paths = new Set<string>();
  let began = 0;
  let last = 0;
  let cancel: (() => void) | undefined;

  const due = (): number => {
    const many = paths.size > manyPaths;
    return Math.min(last + (many ? quietWhenMany : quiet), began + (many ? longestWhenMany : longest));
  };

  // One timer for the batch: it looks again when it fires too early, rather than being set anew with each path.
  const wait = (): void => {
    cancel = clock.after(Math.max(0, due() - clock.now()), () => {
      if (due() > clock.now()) return wait();
      cancel = undefined;
      const batch = [...paths];
      paths.clear();
      deliver(batch);
    });
  };

  return {
    add(path) {
      last = clock.now();
      if (paths.size === 0) began = last;
      paths.add(path);
      if (cancel === undefined) wait();
    },
    close() {
      cancel?.();
      cancel = undefined;
      paths.clear();
    },
  };
}
