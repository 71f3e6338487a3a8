import { down } from '../commands/down.ts';
import type { Outcome } from '../commands/outcome.ts';
import { failure } from '../model/problem.ts';
import { copies } from './copies.ts';
import { askedDiscarding } from './discarding.ts';
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
  readonly yes?: true;
}

export function runDown(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  return inSession(async (session) => {
    const screen = progressScreen(globals);
    let project = '';
    session.listen((event) => {
      if (event.type === 'stack-loaded') project = event.name;
      screen.listener(event);
    });
    const { surroundings } = session;
    const volumes = options.volumes === true || options.volume === true;
    const outcome = await down(
      {
        load: loadRequest(services, globals, surroundings.signal),
        volumes,
        images: readImages(options.rmi),
        removeOrphans: options.removeOrphans === true || isSwitchedOn('COMPOSE_REMOVE_ORPHANS'),
        timeout: readNumber('--timeout', options.timeout),
        discarding: askedDiscarding(globals, options.yes === true, surroundings.signal),
      },
      surroundings,
    );
    // With its data goes what is remembered of a copy.
    const isGone = volumes && services.length === 0 && outcome.exitCode === 0;
    if (isGone && surroundings.rehearse === undefined) await copies.forget(project);
    return outcome;
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
