import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves with whether the condition came true within the time given; looks every 50 ms. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

/**
 * Waits for all, also when one fails, and only then rejects with the first failure: nothing goes on behind the back of
 * whoever cleans up after it.
 */
export async function all<T extends readonly unknown[] | []>(
  tasks: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(tasks);
  for (const task of settled) if (task.status === 'rejected') throw task.reason;
  return Promise.all(tasks);
}
