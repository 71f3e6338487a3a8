import type { ConvergeOptions } from '../commands/converge.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { plan } from '../commands/plan.ts';
import { why } from '../commands/why.ts';
import type { Event, Purpose } from '../model/event.ts';
import { jsonReporter } from '../report/json.ts';
import { discardingFor } from './discarding.ts';
import { places } from './places.ts';
import { printLines, printPlan } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { rehearsalScreen } from './screen.ts';
import { inSession, type Session } from './session.ts';
import { tellPeople } from './tell.ts';

export function runPlan(services: readonly string[], _: object, globals: GlobalOptions): Promise<Outcome> {
  return inSession((session) => {
    const load = loadRequest(services, globals, session.surroundings.signal);
    const { asCompose } = globals;
    const own = asCompose ? {} : { discarding: discardingFor(globals), places };
    return tellPlan({ load, checkBuilds: !asCompose, ...own }, 'up', session, globals);
  });
}

/**
 * Prints what a command would do, a line a step, or with `--json` as the event that tells of a plan. In the place of Docker
 * Compose each step is told as if it were done, in its dry-run mode.
 */
export async function tellPlan(
  options: ConvergeOptions,
  purpose: Purpose,
  session: Session,
  globals: GlobalOptions,
): Promise<Outcome> {
  if (globals.asCompose && globals.json !== true) session.listen(rehearsalScreen(globals).listener);
  else listenForProblems(session, globals);
  const text = await plan(options, purpose, session.surroundings);
  if (globals.asCompose) return succeeded;
  if (globals.json !== true) printPlan(text);
  return succeeded;
}

export function runWhy(
  [service = '']: readonly string[],
  _: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  return inSession(async (session) => {
    listenForProblems(session, globals);
    const load = loadRequest([], globals, session.surroundings.signal);
    const text = await why({ load, service, checkBuilds: !globals.asCompose }, session.surroundings);
    if (globals.json !== true) printLines(text);
    return succeeded;
  });
}

/** What is printed is the answer; beside it only what is doubtful is told. */
function listenForProblems(session: Session, globals: GlobalOptions): void {
  const json = jsonReporter((text) => process.stdout.write(text));
  session.listen((event: Event) => {
    if (globals.json === true) json(event);
    else if (event.type === 'problem-found') tellPeople([event.problem], globals);
  });
}
