import { EngineSilent } from './unreachable.ts';

/**
 * In how many parts time is counted: who is stopped, or whose machine sleeps, does so in one of them, and has nine left in
 * which to read what has come meanwhile.
 */
const slices = 10;

/** Calls what is due after so many milliseconds in which this process ran; gives what keeps it from that. */
export function countDown(milliseconds: number, due: () => void): () => void {
  let left = slices;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    due();
  }, milliseconds / slices);
  return () => clearInterval(timer);
}

/** Gives up on what the engine was asked for when there is no answer after so many milliseconds; absent: never. */
export async function within<T>(
  milliseconds: number | undefined,
  what: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (milliseconds === undefined) return work(signal);
  const late = new AbortController();
  const stop = countDown(milliseconds, () => late.abort());
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    throw late.signal.aborted && !signal.aborted ? new EngineSilent(milliseconds / 1000, what) : error;
  } finally {
    stop();
  }
}

/** What is told of something that is waited for on and on. */
export function unanswered(milliseconds: number): string {
  return `no answer of the engine for ${Math.round(milliseconds / 100) / 10} s, still waiting`;
}
