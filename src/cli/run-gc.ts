import { gc } from '../commands/gc.ts';
import type { Outcome } from '../commands/outcome.ts';
import { confirm, ownDiscarding } from './discarding.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly all?: true;
  readonly volumes?: true;
  readonly trash?: true;
  readonly yes?: true;
}

export function runGc(_: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const options = given as Options;
  return inSession((session) => {
    session.listen(progressScreen(globals).listener);
    const { surroundings } = session;
    const stream = globals.json === true ? process.stderr : process.stdout;
    const isSure = options.yes === true || surroundings.rehearse !== undefined;
    return gc(
      {
        load: loadRequest([], globals, surroundings.signal),
        all: options.all === true,
        volumes: options.volumes === true,
        trash: options.trash === true,
        discarding: ownDiscarding(globals),
        confirm: async (lines) => isSure || confirm(lines, stream, surroundings.signal),
      },
      surroundings,
    );
  });
}
