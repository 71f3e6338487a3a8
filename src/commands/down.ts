import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planDown } from '../plan/stop.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { loadWhole } from './project.ts';
import { carryOut, objectsOf, tellLoaded } from './work.ts';

export interface DownOptions {
  readonly load: LoadRequest;
  /** Also volumes, with their data. */
  readonly volumes: boolean;
  /** Also images that were built for the stack. */
  readonly images: boolean;
  readonly removeOrphans: boolean;
}

/** Removes what `up` made. With a project name it works without a stack file, from what the engine has. */
export async function down(options: DownOptions, surroundings: Surroundings): Promise<Outcome> {
  const { runtime, signal } = surroundings;
  const loaded = await loadWhole(options.load);
  if (loaded !== undefined) tellLoaded({ ...loaded, warnings: [] }, surroundings);
  const project = loaded?.stack ?? {
    name: options.load.projectName ?? '',
    directory: options.load.directory,
  };
  const request = { project: project.name, builtImages: options.images };
  const observed =
    loaded === undefined
      ? await runtime.observe({ ...request, images: [], networks: [], volumes: [] }, signal)
      : await runtime.observe({ ...request, ...objectsOf(loaded.stack), images: [] }, signal);
  const plan = planDown(project, loaded?.stack, observed, {
    services: options.load.services,
    volumes: options.volumes,
    images: options.images,
    removeOrphans: options.removeOrphans,
  });
  const problems = await carryOut(plan, 'down', surroundings, signal, loaded);
  return signal.aborted ? interrupted : outcomeOf(problems);
}
