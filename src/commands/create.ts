import type { Surroundings } from '../model/runtime.ts';
import { type ConvergeOptions, converge, loadToConverge } from './converge.ts';
import { interrupted, type Outcome, outcomeOf } from './outcome.ts';
import { tellLoaded } from './work.ts';

/** Makes the containers of the stack, with its networks and volumes, and starts none. */
export async function create(options: ConvergeOptions, surroundings: Surroundings): Promise<Outcome> {
  const loaded = await loadToConverge(options, surroundings);
  tellLoaded(loaded, surroundings);
  const { problems } = await converge(loaded, { ...options, start: false }, 'create', surroundings);
  return surroundings.signal.aborted ? interrupted : outcomeOf(problems);
}
