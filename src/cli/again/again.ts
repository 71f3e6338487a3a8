import type { Invocation } from '../invocation.ts';
import { askedBy } from './answer.ts';
import { repeat } from './repeat.ts';
import { openWitness, type Witness } from './witness.ts';

/** Says what the same command said before, if all is still as it was then; else gives who sees whether it can be said again. */
export async function sayAgain({ words }: Invocation, build: string): Promise<'said' | Witness> {
  const asked = askedBy(words, build);
  return (await repeat(asked)) ? 'said' : openWitness(asked);
}
