import type { Surroundings } from '../model/runtime.ts';

/** Does something while no one else changes any of some projects. */
export function alone<T>(
  [first, ...rest]: readonly string[],
  surroundings: Surroundings,
  work: () => Promise<T>,
): Promise<T> {
  if (first === undefined) return work();
  return surroundings.exclusively(first, surroundings.signal, () => alone(rest, surroundings, work));
}
