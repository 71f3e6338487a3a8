import type { LoadRequest } from '../load/load.ts';
import type { EngineEvent } from '../model/details.ts';
import type { Surroundings } from '../model/runtime.ts';
import { identify } from './identity.ts';
import { interrupted, type Outcome, succeeded } from './outcome.ts';

export interface EventsOptions {
  readonly load: LoadRequest;
  /** Seconds since 1970: also what happened since then. */
  readonly since?: string;
  /** Seconds since 1970: no longer than until then. */
  readonly until?: string;
}

/** Tells what happens to the containers of a project until the user ends it. */
export async function events(
  { load, ...range }: EventsOptions,
  tell: (event: EngineEvent) => void,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { runtime, signal } = surroundings;
  const { name: project } = await identify(load, surroundings);
  try {
    for await (const event of runtime.readEvents({ project, ...range }, signal)) {
      if (load.services.length === 0 || load.services.includes(event.service)) tell(event);
    }
  } catch (error) {
    // What the user ends breaks off somewhere, and that is no failure.
    if (!signal.aborted) throw error;
  }
  return signal.aborted ? interrupted : succeeded;
}
