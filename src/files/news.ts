import type { ProblemsError } from '../model/problem.ts';

/** Paths for a reader who may be busy when they come. */
export interface News {
  add(paths: readonly string[]): void;
  fail(error: ProblemsError): void;
  /** All that has come since the last time, as soon as there is something; `undefined` once the signal is aborted. */
  take(): Promise<string[] | undefined>;
}

export function createNews(signal: AbortSignal): News {
  const pending = new Set<string>();
  let failed: ProblemsError | undefined;
  let wake = (): void => undefined;
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    add(paths) {
      for (const path of paths) pending.add(path);
      wake();
    },
    fail(error) {
      failed ??= error;
      wake();
    },
    async take() {
      while (!signal.aborted && failed === undefined && pending.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (signal.aborted) return undefined;
      if (failed !== undefined) throw failed;
      const paths = [...pending];
      pending.clear();
      return paths;
    },
  };
}
