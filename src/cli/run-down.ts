import { down } from '../commands/down.ts';
import type { Outcome } from '../commands/outcome.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { plainScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly volumes?: true;
  readonly rmi?: 'local';
  readonly removeOrphans?: true;
}

export function runDown(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  return inSession((session) => {
    session.listen(plainScreen(globals).listener);
    const { surroundings } = session;
    return down(
      {
        load: loadRequest(services, globals, surroundings.signal),
        volumes: options.volumes === true,
        images: options.rmi === 'local',
        removeOrphans: options.removeOrphans === true,
      },
      surroundings,
    );
  });
}
