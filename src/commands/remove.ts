import type { LoadRequest } from '../load/load.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Plan, RemoveContainer } from '../model/plan.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planRemove } from '../plan/each.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { findProject, observeProject, refuseOthers, tellProject } from './project.ts';
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
  const planFor = (containers: readonly ObservedContainer[]): Plan => {
    const { services, loaded } = project;
    return planRemove(project, { containers }, { services, stop, volumes, stack: loaded?.stack });
  };
  const { containers, warnings } = await observeProject(project, surroundings);
  for (const problem of warnings) emit({ type: 'problem-found', problem });
  await refuseOthers(project, containers, surroundings);
  const asked = removedBy(planFor(containers));
  const names = asked.map(({ container }) => container.name);
  // Whoever takes their time to answer holds nobody up.
  if (asked.length > 0 && !(await confirm(names))) return signal.aborted ? interrupted : succeeded;
  return exclusively(project.name, signal, async () => {
    const now = await observeProject(project, surroundings);
    const meant = now.containers.filter((container) => asked.some(({ id }) => id === container.id));
    const problems = await carryOut(planFor(meant), 'remove', surroundings, signal, project.loaded);
    return signal.aborted ? interrupted : outcomeOf(problems);
  });
}

function removedBy({ steps }: Plan): readonly RemoveContainer[] {
  return steps.flatMap(({ action }) => (action.kind === 'remove-container' ? [action] : []));
}
