import type { LoadRequest } from '../load/load.ts';

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
