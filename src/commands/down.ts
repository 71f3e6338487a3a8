import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planDown } from '../plan/stop.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { findProject, refuseOthers, tellProject, unknownAmong } from './project.ts';
import { carryOut, objectsOf } from './work.ts';

export interface DownOptions {
  readonly load: LoadRequest;
  /** Also volumes, with their data. */
  readonly volumes: boolean;
  /** Also images: those that were built for the stack, or all of its services. */
  readonly images: 'local' | 'all' | undefined;
  readonly removeOrphans: boolean;
  /** Seconds until what has not stopped is killed; absent: what each container was created with. */
  readonly timeout?: number | undefined;
}

/** Removes what `up` made. With a project name it works without a stack file, from what the engine has. */
export async function down({ load, ...options }: DownOptions, surroundings: Surroundings): Promise<Outcome> {
  const { runtime, exclusively, emit, signal } = surroundings;
  const project = await findProject(load);
  const { loaded } = project;
  tellProject(project, surroundings);
  const objects = loaded === undefined ? { networks: [], volumes: [] } : objectsOf(loaded.stack);
  const request = {
    ...objects,
    project: project.name,
    images: [],
    builtImages: options.images !== undefined,
  };
  return exclusively(project.name, signal, async () => {
    const observed = await runtime.observe(request, signal);
    await refuseOthers(project, observed.containers, surroundings);
    for (const problem of unknownAmong(project, observed.containers))
      emit({ type: 'problem-found', problem });
    const plan = planDown(project, loaded?.stack, observed, { ...options, services: load.services });
    const problems = await carryOut(plan, 'down', surroundings, signal, loaded);
    return signal.aborted ? interrupted : outcomeOf(problems);
  });
}
