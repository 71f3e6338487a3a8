import { type Outcome, succeeded } from '../commands/outcome.ts';
import { listKept, undo } from '../commands/undo.ts';
import { formatKept, formatKeptJson } from '../report/trash.ts';
import { ownDiscarding } from './discarding.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly list?: true;
  readonly as?: string;
}

/** Brings back what removed volumes had, or lists what could be. */
export function runUndo([id]: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const { list, as } = given as Options;
  const { rules, words } = ownDiscarding(globals);
  return inSession(async (session) => {
    const { surroundings } = session;
    if (list === true) {
      const kept = await listKept(surroundings);
      process.stdout.write(
        globals.json === true
          ? formatKeptJson(kept, rules.age)
          : formatKept(kept, Date.now() / 1000, rules.age),
      );
      return succeeded;
    }
    session.listen(progressScreen(globals).listener);
    return undo({ load: loadRequest([], globals, surroundings.signal), id, as, words }, surroundings);
  });
}
