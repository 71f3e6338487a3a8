import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planRemove } from '../plan/each.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { findProject, observeProject, tellProject } from './project.ts';
import { carryOut } from './work.ts';

export interface RemoveOptions {
  readonly load: LoadRequest;
  /** Also containers that run; they are stopped before. */
  readonly stop: boolean;
  /** Also their anonymous volumes. */
  readonly volumes: boolean;
  /** Asked with the names of the containers before anything is done. */
  readonly confirm: (names: readonly string[]) => Promise<boolean>;
}

/** Removes containers that have ended; networks and named volumes stay. */
export async function remove(options: RemoveOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, stop, volumes, confirm } = options;
  const { emit, exclusively, signal } = surroundings;
  const project = await findProject(load);
  tellProject(project, surroundings);
  return exclusively(project.name, signal, async () => {
    const { containers, warnings } = await observeProject(project, surroundings);
    for (const problem of warnings) emit({ type: 'problem-found', problem });
    const plan = planRemove(
      project,
      { containers },
      { services: project.services, stop, volumes, stack: project.loaded?.stack },
    );
    const names = plan.steps.flatMap(({ action }) =>
      action.kind === 'remove-container' ? [action.container.name] : [],
    );
    if (names.length > 0 && !(await confirm(names))) return signal.aborted ? interrupted : succeeded;
    const problems = await carryOut(plan, 'remove', surroundings, signal, project.loaded);
    return signal.aborted ? interrupted : outcomeOf(problems);
  });
}
