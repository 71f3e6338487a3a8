import type { Outcome } from '../commands/outcome.ts';
import { up } from '../commands/up.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { openScreen, plainScreen } from './screen.ts';
import { openSession } from './session.ts';

interface Options {
  readonly detach?: true;
  readonly build?: true;
  readonly forceRecreate?: true;
  readonly removeOrphans?: true;
  /** `--no-watch` */
  readonly watch: boolean;
}

export async function runUp(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  const detach = options.detach === true;
  const session = await openSession();
  const screen = detach ? plainScreen(globals, { summary: true }) : await openScreen(globals, session);
  session.listen(screen.listener);
  try {
    return await up(
      {
        load: loadRequest(services, globals),
        detach,
        watch: options.watch,
        build: options.build === true,
        forceRecreate: options.forceRecreate === true,
        removeOrphans: options.removeOrphans === true,
      },
      session.surroundings,
    );
  } finally {
    await screen.stop();
    session.close();
  }
}
