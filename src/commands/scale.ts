import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { converge, loadToConverge } from './converge.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { tellLoaded } from './work.ts';

export interface ScaleOptions {
  /** Its services are those that are scaled. */
  readonly load: LoadRequest;
  /** How many containers, by service. */
  readonly scale: Readonly<Record<string, number>>;
  /** Leave what they depend on as it is. */
  readonly alone: boolean;
}

/** Gives services as many containers as is asked for, until the next `up`. */
export async function scale(options: ScaleOptions, surroundings: Surroundings): Promise<Outcome> {
  const loaded = await loadToConverge(options, surroundings);
  tellLoaded(loaded, surroundings);
  const { problems } = await converge(loaded, options, 'scale', surroundings);
  return surroundings.signal.aborted ? interrupted : outcomeOf(problems);
}
