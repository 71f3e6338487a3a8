import { down } from '../commands/down.ts';
import type { Outcome } from '../commands/outcome.ts';
import { failure } from '../model/problem.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { isSwitchedOn, readNumber } from './read-options.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly volumes?: true;
  /** The old name of `--volumes`. */
  readonly volume?: true;
  readonly rmi?: string;
  readonly removeOrphans?: true;
  readonly timeout?: string;
}

export function runDown(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  return inSession((session) => {
    session.listen(progressScreen(globals).listener);
    const { surroundings } = session;
    return down(
      {
        load: loadRequest(services, globals, surroundings.signal),
        volumes: options.volumes === true || options.volume === true,
        images: readImages(options.rmi),
        removeOrphans: options.removeOrphans === true || isSwitchedOn('COMPOSE_REMOVE_ORPHANS'),
        timeout: readNumber('--timeout', options.timeout),
      },
      surroundings,
    );
  });
}

function readImages(text: string | undefined): 'local' | 'all' | undefined {
  if (text === undefined || text === 'local' || text === 'all') return text;
  throw failure({
    code: 'invalid-option',
    message: `invalid value for --rmi: "${text}"`,
    hint: 'give local for images that were built here, or all',
  });
}
