import type { Outcome } from '../commands/outcome.ts';
import { up } from '../commands/up.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { openScreen, plainScreen } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly detach?: true;
  readonly build?: true;
  readonly forceRecreate?: true;
  readonly removeOrphans?: true;
  /** `--watch` or `--no-watch`; neither: where a person looks on. */
  readonly watch?: boolean;
}

export function runUp(services: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const options = given as Options;
  const detach = options.detach === true;
  return inSession(async (session) => {
    const { surroundings } = session;
    const screen = detach ? plainScreen(globals, { summary: true }) : await openScreen(globals, session);
    session.listen(screen.listener);
    try {
      return await up(
        {
          load: loadRequest(services, globals, surroundings.signal),
          detach,
          watch: options.watch ?? screen.interactive,
          build: options.build === true,
          forceRecreate: options.forceRecreate === true,
          removeOrphans: options.removeOrphans === true,
        },
        surroundings,
      );
    } finally {
      await screen.stop();
    }
  });
}
