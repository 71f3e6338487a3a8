import type { Loaded } from '../load/load.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Surroundings } from '../model/runtime.ts';
import { contentsOf } from '../plan/container.ts';
import type { ChangedContents } from '../plan/decide.ts';
import { containersOf } from '../plan/decide.ts';

/**
 * Which containers run with another content of a config or secret than it has now. The content is read from the
 * container: a digest in a label would stay what it was when another tool writes the content anew, and would let everyone
 * who sees labels guess short secrets. Containers that do not run get the content when they start; files are mounted.
 */
export async function changedContents(
  { stack, contents }: Loaded,
  { containers }: Pick<ObservedState, 'containers'>,
  { runtime, signal }: Pick<Surroundings, 'runtime' | 'signal'>,
): Promise<ChangedContents> {
  const written = Object.entries(stack.services).flatMap(([name, service]) => {
    const running = containersOf(containers, name).filter(({ state }) => state === 'running');
    return running.flatMap(({ id }) =>
      (contentsOf(stack, service).contents ?? []).map(({ path, from }) => ({ id, path, from })),
    );
  });
  const changed = await Promise.all(
    written.map(async ({ id, path, from }): Promise<readonly [string, string][]> => {
      const wanted = contents.get(from);
      if (wanted === undefined) return [];
      const found = await runtime.readFile(id, path, signal);
      return found === undefined || found === wanted ? [] : [[id, from]];
    }),
  );
  return Object.fromEntries(changed.flat());
}
