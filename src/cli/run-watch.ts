import type { Outcome } from '../commands/outcome.ts';
import { watch } from '../commands/watch.ts';
import { withoutOutput } from '../report/adapt.ts';
import { confirmDemands } from './confirm-demands.ts';
import { createDesk } from './desk.ts';
import { withVariables } from './dotenv.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { isInteractive, openScreen, plainScreen } from './screen.ts';
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
  return inSession(async (session) => {
    const { signal } = session.surroundings;
    const asked = loadRequest(services, globals, signal);
    const load = up ? await withVariables(asked, { isSure: false }, globals, signal) : asked;
    await confirmDemands(load, globals, signal);
    // What is watched is what was loaded first: a change of that would be lost with the next save.
    const without = ['apply', 'scale', 'watch'] as const;
    const { desk, meet, close } = createDesk({ session, load, hasFile: true, without });
    const screen = isShown(globals)
      ? await openScreen(globals, session, { desk, interruptStops: false })
      : plainScreen(globals);
    const { listener, interactive, shown } = screen;
    session.listen(quiet === true ? withoutOutput(listener, ['build-image']) : listener);
    const onlooker = { meet, logs: shown() === 'full' };
    try {
      const checkBuilds = !globals.asCompose;
      const wishes = {
        load,
        up,
        prune,
        checkBuilds,
        lenient: globals.asCompose,
        ...(interactive && { onlooker }),
      };
      return await watch(wishes, session.surroundings);
    } finally {
      await close();
      await screen.stop();
    }
  });
}

/** In the place of Docker Compose it tells what it did in lines, as that does. */
function isShown(globals: GlobalOptions): boolean {
  return globals.json !== true && !globals.asCompose && isInteractive(globals);
}
