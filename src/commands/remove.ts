import type { LoadRequest } from '../load/load.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Plan, RemoveContainer } from '../model/plan.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planRemove } from '../plan/each.ts';
import type { Keeping } from '../plan/trash.ts';
import { type Discarding, keepingFor, losses } from './discarding.ts';
import { observeProject } from './identity.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { recallProject, refuseOthers, tellProject } from './project.ts';
import { carryOut } from './work.ts';

export interface RemoveOptions {
  readonly load: LoadRequest;
  /** Also containers that run; they are stopped before. */
  readonly stop: boolean;
  /** Also their anonymous volumes. */
  readonly volumes: boolean;
  /** Asked with the names of the containers, and with the volumes that go, before anything is done. */
  readonly confirm: (names: readonly string[], volumes: readonly string[]) => Promise<boolean>;
  /** How volumes go; absent: at once and for good, as with Docker Compose. */
  readonly discarding?: Discarding | undefined;
}

/** Removes containers that have ended; networks and named volumes stay. */
export async function remove(options: RemoveOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, stop, volumes, confirm, discarding } = options;
  const { emit, exclusively, runtime, signal } = surroundings;
  const project = await recallProject(load, surroundings);
  tellProject(project, surroundings);
  const knowKeeping = async (): Promise<Keeping | undefined> =>
    volumes && discarding !== undefined ? keepingFor(project.name, discarding, surroundings) : undefined;
  const planFor = (containers: readonly ObservedContainer[], keeping: Keeping | undefined): Plan => {
    const { services, loaded } = project;
    const wishes = { services, stop, volumes, stack: loaded?.stack, keeping };
    return planRemove(project, { containers }, wishes);
  };
  runtime.prepare('steps');
  const { containers, warnings } = await observeProject(project, surroundings);
  for (const problem of warnings) emit({ type: 'problem-found', problem });
  await refuseOthers(project, containers, surroundings);
  const keeping = await knowKeeping();
  const foreseen = planFor(containers, keeping);
  const asked = removedBy(foreseen);
  const going = keeping === undefined ? [] : losses(foreseen, keeping);
  const names = asked.map(({ container }) => container.name);
  // Whoever takes their time to answer holds nobody up.
  if (asked.length > 0 && !(await confirm(names, going))) return signal.aborted ? interrupted : succeeded;
  return exclusively(project.name, signal, async () => {
    const now = await observeProject(project, surroundings);
    const meant = now.containers.filter((container) => asked.some(({ id }) => id === container.id));
    const plan = planFor(meant, await knowKeeping());
    const problems = await carryOut(plan, 'remove', surroundings, signal, project.loaded);
    return signal.aborted ? interrupted : outcomeOf(problems);
  });
}

function removedBy({ steps }: Plan): readonly RemoveContainer[] {
  return steps.flatMap(({ action }) => (action.kind === 'remove-container' ? [action] : []));
}
