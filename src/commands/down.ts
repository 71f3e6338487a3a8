import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planDown } from '../plan/stop.ts';
import { type Discarding, keepingFor, losses } from './discarding.ts';
import { unknownAmong } from './identity.ts';
import { interrupted, type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { recallProject, refuseOthers, tellProject } from './project.ts';
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
  /** How volumes go; absent: at once and for good, as with Docker Compose. */
  readonly discarding?: Discarding | undefined;
}

/** Removes what `up` made. With a project name it works without a stack file, from what the engine has. */
export async function down({ load, ...options }: DownOptions, surroundings: Surroundings): Promise<Outcome> {
  const { runtime, exclusively, emit, signal } = surroundings;
  const project = await recallProject(load, surroundings);
  const { loaded } = project;
  tellProject(project, surroundings);
  const objects = loaded === undefined ? { networks: [], volumes: [] } : objectsOf(loaded.stack);
  const request = {
    ...objects,
    project: project.name,
    images: [],
    builtImages: options.images !== undefined,
  };
  const { discarding } = options;
  runtime.prepare('steps');
  const look = async () => {
    const [observed, keeping] = await Promise.all([
      runtime.observe(request, signal),
      options.volumes && discarding !== undefined
        ? keepingFor(project.name, discarding, surroundings)
        : undefined,
    ]);
    await refuseOthers(project, observed.containers, surroundings);
    const { services } = load;
    return {
      observed,
      keeping,
      plan: planDown(project, loaded?.stack, observed, { ...options, services, keeping }),
    };
  };
  // Whoever takes their time to answer holds nobody up.
  if (options.volumes && discarding?.confirm !== undefined) {
    const { plan, keeping } = await look();
    const lines = keeping === undefined ? [] : losses(plan, keeping);
    if (lines.length > 0 && !(await discarding.confirm(lines)))
      return signal.aborted ? interrupted : succeeded;
  }
  return exclusively(project.name, signal, async () => {
    const { plan, observed } = await look();
    for (const problem of unknownAmong(project, observed.containers))
      emit({ type: 'problem-found', problem });
    const problems = await carryOut(plan, 'down', surroundings, signal, loaded);
    return signal.aborted ? interrupted : outcomeOf(problems);
  });
}
