import { gc } from '../commands/gc.ts';
import type { Outcome } from '../commands/outcome.ts';
import type { LeftVolume } from '../model/observed.ts';
import { formatAge } from '../report/moments.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { formatSize } from '../report/sizes.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { questionsOn } from './questions.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly all?: true;
  readonly volumes?: true;
  readonly yes?: true;
}

export function runGc(_: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const options = given as Options;
  return inSession((session) => {
    session.listen(progressScreen(globals).listener);
    const { surroundings } = session;
    const isSure = options.yes === true || surroundings.rehearse !== undefined;
    return gc(
      {
        load: loadRequest([], globals, surroundings.signal),
        all: options.all === true,
        volumes: options.volumes === true,
        confirm: async (lines) => isSure || confirm(lines, globals, surroundings.signal),
        describe,
      },
      surroundings,
    );
  });
}

/** Says what is to be done and reads the answer; no answer is a no. */
async function confirm(
  lines: readonly string[],
  globals: GlobalOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const stream = globals.json === true ? process.stderr : process.stdout;
  for (const line of lines) stream.write(`${sanitiseField(line)}\n`);
  const questions = questionsOn(stream, signal);
  const isFine = await questions.ask(`do that? [yN] ${process.stdin.isTTY === true ? '' : '\n'}`);
  questions.end();
  return isFine;
}

function describe({ size, created }: LeftVolume): string {
  const age = created === undefined ? undefined : `${formatAge(Date.now() / 1000 - created)} old`;
  const known = [size === undefined ? undefined : formatSize(size), age].filter((one) => one !== undefined);
  return known.length === 0 ? 'size and age are not known' : known.join(', ');
}
