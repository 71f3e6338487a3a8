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
const manyPaths = 100;
const quietWhenMany = 300;
const longestWhenMany = 3000;
/** What was delivered so short a time before was the first wave. */
const waves = 1000;

/** While someone is known to be changing more it is looked again so much later. */
const pause = 25;

/** Gathers paths until the dust has settled. */
export interface Batching {
  add(path: string): void;
  /** Forgets what was gathered. */
  close(): void;
}

/**
 * Delivers each path once per batch: after a quiet moment, and at the latest some time after the first. While it is `busy`
 * more is on its way.
 */
export function createBatching(
  deliver: (paths: readonly string[]) => void,
  clock: Clock,
  busy: () => boolean = () => false,
): Batching {
  const paths = new Set<string>();
  let began = 0;
  let last = 0;
  let held = 0;
  let before = { paths: 0, at: 0 };
  let cancel: (() => void) | undefined;

  const due = (): number => {
    const many = paths.size + (began - before.at < waves ? before.paths : 0) > manyPaths;
    const settled = last + (many ? quietWhenMany : quiet);
    return Math.max(held, Math.min(settled, began + (many ? longestWhenMany : longest)));
  };

  // One timer for the batch: it looks again when it fires too early, rather than being set anew with each path.
  const wait = (): void => {
    cancel = clock.after(Math.max(0, due() - clock.now()), () => {
      if (due() > clock.now()) return wait();
      if (clock.now() < began + longestWhenMany && busy()) {
        held = clock.now() + pause;
        return wait();
      }
      cancel = undefined;
      const batch = [...paths];
      const isWave = began - before.at < waves;
      before = { paths: batch.length + (isWave ? before.paths : 0), at: clock.now() };
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
