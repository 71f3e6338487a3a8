import type { Outcome } from '../commands/outcome.ts';
import { scale } from '../commands/scale.ts';
import { confirmDemands } from './confirm-demands.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { tellPlan } from './run-plan.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';
import { readScale, type UpFlags } from './up-flags.ts';

export async function runScale(
  words: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { deps, dryRun } = given as Pick<UpFlags, 'deps' | 'dryRun'>;
  const wanted = readScale('scale', words);
  return inSession(async (session) => {
    const load = loadRequest(Object.keys(wanted), globals, session.surroundings.signal);
    const request = { load, scale: wanted, alone: !deps };
    if (dryRun === true) return tellPlan(request, 'scale', session, globals);
    await confirmDemands(load, globals, session.surroundings.signal);
    session.listen(progressScreen(globals).listener);
    return scale(request, session.surroundings);
  });
}
