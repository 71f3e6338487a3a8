import type { Outcome } from '../commands/outcome.ts';
import { watch } from '../commands/watch.ts';
import { withoutOutput } from '../report/adapt.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { plainScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  /** `--no-up` */
  readonly up: boolean;
  /** `--prune` or `--no-prune`; neither: yes. */
  readonly prune?: boolean;
  readonly quiet?: true;
}

export function runWatch(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { up, prune = true, quiet } = given as Options;
  return inSession((session) => {
    const { listener } = plainScreen(globals);
    session.listen(quiet === true ? withoutOutput(listener, ['build-image']) : listener);
    const load = loadRequest(services, globals, session.surroundings.signal);
    return watch({ load, up, prune }, session.surroundings);
  });
}
