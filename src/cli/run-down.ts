import { down } from '../commands/down.ts';
import type { Outcome } from '../commands/outcome.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { plainScreen } from './screen.ts';
import { openSession } from './session.ts';

interface Options {
  readonly volumes?: true;
  readonly rmi?: 'local';
  readonly removeOrphans?: true;
}

export async function runDown(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  const screen = plainScreen(globals);
  const session = await openSession();
  session.listen(screen.listener);
  try {
    return await down(
      {
        load: loadRequest(services, globals),
        volumes: options.volumes === true,
        images: options.rmi === 'local',
        removeOrphans: options.removeOrphans === true,
      },
      session.surroundings,
    );
  } finally {
    session.close();
  }
}
