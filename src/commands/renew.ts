import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { withChoices } from '../plan/choices.ts';
import { countOf } from '../plan/decide.ts';
import { keptImages } from '../plan/superseded.ts';
import { converge } from './converge.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';

export interface RenewOptions {
  /** Its services are those that are meant; none: all. */
  readonly load: LoadRequest;
  /** What is made anew even if nothing changed: their images too, their containers, or only what is missing. */
  readonly what: 'images' | 'containers' | 'missing';
}

/**
 * Makes services run as the file says, with as many containers as each has now. Throws `invalid-option` if an image is to
 * be built that no service builds.
 */
export async function renew({ load, what }: RenewOptions, surroundings: Surroundings): Promise<Outcome> {
  const loaded = await loadAsItRuns(load, surroundings);
  const { services } = load;
  if (what === 'images') for (const name of services) refuseUnbuilt(name, loaded);
  const wishes = {
    load,
    ...(what === 'images' ? { build: services.length === 0 || services } : {}),
    forceRecreate: what === 'containers',
    noRecreate: what === 'missing',
    ignoreOrphans: true,
    keptImages,
  };
  const { problems } = await converge(loaded, wishes, 'change', surroundings);
  return surroundings.signal.aborted ? interrupted : outcomeOf(problems);
}

/** The stack with the number of containers that each service has. */
export async function loadAsItRuns(load: LoadRequest, surroundings: Surroundings): Promise<Loaded> {
  const loaded = await loadStack(load);
  const { stack } = loaded;
  const containers = await surroundings.runtime.observeContainers(stack.name, surroundings.signal);
  const counts = Object.keys(stack.services).flatMap((name) => {
    const count = countOf(containers, name);
    return count === 0 ? [] : [[name, count] as const];
  });
  return {
    ...loaded,
    stack: withChoices(stack, { services: load.services, scale: Object.fromEntries(counts) }),
  };
}

function refuseUnbuilt(service: string, { stack }: Loaded): void {
  if (stack.services[service]?.build !== undefined) return;
  throw failure({
    code: 'invalid-option',
    service,
    message: `${service} is not built here: it has no \`build\``,
    hint: 'recreate makes its containers anew',
  });
}
