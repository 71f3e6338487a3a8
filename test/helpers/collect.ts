/** What an iterable gives, taken as it comes. */
export interface Collected<T> {
  readonly values: readonly T[];
  /** Resolves when the iterable has ended; rejects as it does. */
  readonly ended: Promise<void>;
  /** Resolves once the values are as wanted; rejects if the iterable ends before. */
  until(wanted: (values: readonly T[]) => boolean): Promise<void>;
}

export function collect<T>(source: AsyncIterable<T>): Collected<T> {
  const values: T[] = [];
  const waiting = new Set<() => void>();
  const ended = (async () => {
    for await (const value of source) {
      values.push(value);
      for (const look of [...waiting]) look();
    }
  })();
  // Whoever waits for the end hears of a failure.
  ended.catch(() => {});
  return {
    values,
    ended,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!wanted(values)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        const over = (error?: unknown): void => {
          if (waiting.delete(look)) reject(error ?? new Error(`ended with ${JSON.stringify(values)}`));
        };
        ended.then(() => over(), over);
      }),
  };
}
