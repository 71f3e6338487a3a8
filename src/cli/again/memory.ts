import { settingsInUse } from '../settings.ts';
import { fileFor, form, type Kept, keep, readKept, surroundingsOf } from './answer.ts';
import { areAsSeen } from './sight.ts';

interface Recalled<Found> extends Kept {
  readonly asked: string;
  readonly found: Found;
}

/** See `Surroundings.recall`. What `find` throws is thrown, and nothing is kept then. */
export async function recall<Found>(question: string, find: () => Promise<Found>): Promise<Found> {
  const { build, openSight } = settingsInUse();
  if (openSight === undefined) return find();
  const asked = [build, process.cwd(), question].join('\0');
  const file = fileFor(asked);
  const kept = stillTrue<Found>(file, asked);
  if (kept !== undefined) return kept.found;
  const at = Date.now();
  const surroundings = surroundingsOf(process.env);
  const sight = openSight(() => {}, otherMachines);
  try {
    const found = await find();
    const looks = sight.close();
    if (looks !== undefined) await keep(file, { v: form, at, surroundings, looks, asked, found } as Kept);
    return found;
  } finally {
    sight.close();
  }
}

/** By which registries are asked. */
const otherMachines = ['http', 'https'];

function stillTrue<Found>(file: string, asked: string): Recalled<Found> | undefined {
  try {
    const kept = readKept<Recalled<Found>>(file);
    if (kept?.asked !== asked || !areAsSeen(kept.looks)) return undefined;
    return surroundingsOf(process.env) === kept.surroundings ? kept : undefined;
  } catch {
    // There is none.
    return undefined;
  }
}
