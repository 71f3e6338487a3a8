import type { PlanMade } from '../model/event.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Surroundings } from '../model/runtime.ts';
import { observeProject } from './identity.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { type Project, refuseOthers, tellProject } from './project.ts';
import { carryOut, withPlaces } from './work.ts';

/**
 * The stages of a command that acts on containers which exist: tell what it is about, look at the engine, plan, act.
 */
export async function actOnContainers(
  purpose: PlanMade['purpose'],
  project: Project,
  plan: (observed: { readonly containers: readonly ObservedContainer[] }) => Plan,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { emit, exclusively, runtime, signal } = surroundings;
  const { loaded } = project;
  tellProject(project, surroundings);
  runtime.prepare('steps');
  const act = async (): Promise<Outcome> => {
    const { warnings, ...observed } = await observeProject(project, surroundings);
    await refuseOthers(project, observed.containers, surroundings);
    // What cannot be found is a failure where it is to run.
    if (purpose !== 'start') for (const problem of warnings) emit({ type: 'problem-found', problem });
    const made = loaded === undefined ? plan(observed) : withPlaces(loaded, () => plan(observed));
    const problems = await carryOut(made, purpose, surroundings, signal, loaded);
    return signal.aborted ? interrupted : outcomeOf(problems);
  };
  // Whoever wants something to end now does not wait for its beginning.
  return purpose === 'kill' ? act() : exclusively(project.name, signal, act);
}
