import type { Outcome } from '../commands/outcome.ts';
import { remove } from '../commands/remove.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { discardingFor } from './discarding.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { questionsOn } from './questions.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly force?: true;
  readonly stop?: true;
  readonly volumes?: true;
}

export function runRemove(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  return inSession((session) => {
    session.listen(progressScreen(globals).listener);
    const { surroundings } = session;
    return remove(
      {
        load: loadRequest(services, globals, surroundings.signal),
        stop: options.stop === true,
        volumes: options.volumes === true,
        confirm: async (names, going) =>
          surroundings.rehearse !== undefined ||
          confirm(names, going, options.force === true, globals, surroundings.signal),
        discarding: discardingFor(globals),
      },
      surroundings,
    );
  });
}

/** Says what is to be removed and, unless that is forced, reads the answer; no answer is a no. */
async function confirm(
  names: readonly string[],
  volumes: readonly string[],
  force: boolean,
  globals: GlobalOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const stream = globals.json === true ? process.stderr : process.stdout;
  for (const line of volumes) stream.write(`${sanitiseField(line)}\n`);
  const told = `Going to remove ${names.map(sanitiseField).join(', ')}`;
  if (force) {
    stream.write(`${told}\n`);
    return true;
  }
  const questions = questionsOn(stream, signal);
  const isFine = await questions.ask(process.stdin.isTTY === true ? `${told} [yN] ` : `${told}\n`);
  questions.end();
  return isFine;
}
