import { create } from '../commands/create.ts';
import type { Outcome } from '../commands/outcome.ts';
import { confirmDemands } from './confirm-demands.ts';
import { withVariables } from './dotenv.ts';
import { listen } from './listen.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { tellPlan } from './run-plan.ts';
import { progressScreen } from './screen.ts';
import { inSession } from './session.ts';
import { type ContainerOptions, containerWishes, hasYes, refuse } from './up-flags.ts';
import { volumeQuestion } from './volume-question.ts';

export async function runCreate(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as ContainerOptions;
  refuse('--force-recreate', options.forceRecreate === true, '--no-recreate', !options.recreate);
  const wishes = containerWishes(options, globals);
  return inSession(async (session) => {
    const { signal } = session.surroundings;
    const sure = { isSure: hasYes(options) || options.dryRun === true };
    const load = await withVariables(loadRequest(services, globals, signal), sure, globals, signal);
    const request = { ...wishes, load };
    if (options.dryRun === true) return tellPlan({ ...request, start: false }, 'create', session, globals);
    await confirmDemands(load, globals, signal);
    listen(session, progressScreen(globals).listener, options, globals);
    const confirmVolumes = volumeQuestion(globals, signal);
    return create({ ...request, confirmVolumes }, session.surroundings);
  });
}
