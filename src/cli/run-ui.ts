import type { Outcome } from '../commands/outcome.ts';
import { findRunning, type UiOptions, ui } from '../commands/ui.ts';
import { createDesk } from './desk.ts';
import { sayFarewell } from './farewell.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { openScreen, plainScreen, type ScreenWishes } from './screen.ts';
import { inSession } from './session.ts';

/** Lines of each container that are shown from before. */
const tail = 200;

export function runUi(services: readonly string[], _: object, globals: GlobalOptions): Promise<Outcome> {
  return joinStack(services, globals, { tail }, { ui: 'full' });
}

/** Tells what happens to a stack, line by line, and keeps it going. */
export function runSupervise(_: unknown, __: object, globals: GlobalOptions): Promise<Outcome> {
  return inSession(async (session) => {
    const { surroundings } = session;
    const running = await findRunning(loadRequest([], globals, surroundings.signal), surroundings);
    session.listen(plainScreen(globals).listener);
    return ui(running, { tail: 0, supervise: true }, surroundings);
  });
}

/** Shows a stack that runs, with all that can be ordered; it runs on when the user goes. */
export function joinStack(
  services: readonly string[],
  globals: GlobalOptions,
  past: Pick<UiOptions, 'tail' | 'since'>,
  wishes: ScreenWishes,
): Promise<Outcome> {
  return inSession(async (session) => {
    const { surroundings } = session;
    const load = loadRequest(services, globals, surroundings.signal);
    const running = await findRunning(load, surroundings);
    const hasFile = running.project.loaded !== undefined;
    // What is looked at is a part; what is acted on is the stack.
    const staff = createDesk({ session, load: { ...load, services: [] }, hasFile });
    const screen = await openScreen(globals, session, {
      desk: staff.desk,
      interruptStops: false,
      ...wishes,
    });
    session.listen(screen.listener);
    const { interactive } = screen;
    const onlooker = { meet: staff.meet, keeps: () => screen.shown() === 'full' };
    try {
      return await ui(running, { ...past, ...(interactive && { onlooker }) }, surroundings);
    } finally {
      await staff.close();
      await screen.stop();
      const isLeft = surroundings.leave.aborted || surroundings.signal.aborted;
      if (interactive && isLeft) await sayFarewell(load, globals, surroundings);
    }
  });
}
