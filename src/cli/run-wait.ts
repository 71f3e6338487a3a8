import type { Outcome } from '../commands/outcome.ts';
import { wait } from '../commands/wait.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly downProject?: true;
}

export function runWait(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  return inSession((session) => {
    const progress = progressScreen(globals);
    session.listen((event) => {
      if (event.type === 'container-changed' && globals.json !== true) {
        process.stdout.write(`container "${event.id}" exited with status code ${event.exitCode}\n`);
      } else progress.listener(event);
    });
    const { surroundings } = session;
    const load = loadRequest(services, globals, surroundings.signal);
    return wait({ load, down: options.downProject === true }, surroundings);
  });
}
