import type { LoadRequest } from '../load/load.ts';
import type { StringMap } from '../model/stack.ts';

/**
 * `NAME=VALUE` pairs of words that may also be the names of variables of the project, or without one of the process; a
 * name that is not set is left out.
 */
export function resolveVariables(
  words: readonly string[],
  variables: ReadonlyMap<string, string> | undefined,
  { environment }: LoadRequest,
): readonly string[] {
  return words.flatMap((word) => {
    if (word.includes('=')) return [word];
    const value = variables === undefined ? environment[word] : variables.get(word);
    return value === undefined ? [] : [`${word}=${value}`];
  });
}

/** The same as a map; of a name given twice the last value counts. */
export function assignedVariables(...given: Parameters<typeof resolveVariables>): StringMap {
  const pairs = resolveVariables(...given).map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return Object.fromEntries(pairs);
}
