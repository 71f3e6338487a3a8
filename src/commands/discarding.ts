import { randomBytes } from 'node:crypto';
import type { Plan } from '../model/plan.ts';
import type { Surroundings } from '../model/runtime.ts';
import { linesOfSteps } from '../plan/format.ts';
import type { Keeping, TrashRules, TrashWords } from '../plan/trash.ts';

/** How a command goes about volumes that it removes. */
export interface Discarding {
  readonly rules: TrashRules;
  readonly words: TrashWords;
  /** Asked with what is to go, a line each, before anything is done; absent: it goes without being asked. */
  readonly confirm?: ((lines: readonly string[]) => Promise<boolean>) | undefined;
}

/** How long is waited for the sizes of volumes, in milliseconds: by someone who is to decide by them, and by a script. */
const patience = { asked: 5000, unasked: 1500 };

/** What there is to know of volumes before some of a project go. */
export async function keepingFor(
  project: string,
  { rules, words, confirm }: Discarding,
  { runtime, signal }: Pick<Surroundings, 'runtime' | 'signal'>,
): Promise<Keeping> {
  const { volumes, trash } = await runtime.weighVolumes(patience[confirm ? 'asked' : 'unasked'], signal);
  return { rules, words, project, id: trashId(), now: Date.now() / 1000, volumes, trash };
}

/** What all volumes have in common that go with one command. */
export function trashId(): string {
  return randomBytes(3).toString('hex');
}

/** The volumes that a plan removes, a line each, but not those that are known to have nothing. */
export function losses({ steps }: Plan, { volumes }: Pick<Keeping, 'volumes'>): readonly string[] {
  const empty = new Set(volumes.filter(({ size }) => size === 0).map(({ name }) => name));
  return linesOfSteps(
    steps.filter(({ action }) => action.kind === 'remove-volume' && !empty.has(action.name)),
  );
}
