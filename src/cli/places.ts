import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Place, PlaceStore } from '../commands/left-behind.ts';
import { keepFile, placeOf } from '../docker/places.ts';

const form = 1;

/** Where this user's projects are, one file each. That it cannot be kept is no failure of a command. */
export const places: PlaceStore = {
  find: readPlace,
  async keep(place) {
    const known = await readPlace(place.project);
    if (known?.directory === place.directory && known.identity === place.identity) return;
    // A home may be one that cannot be written to.
    await keepFile(fileOf(place.project), `${JSON.stringify({ v: form, place })}\n`).catch(() => {});
  },
};

async function readPlace(project: string): Promise<Place | undefined> {
  try {
    const read = JSON.parse(await readFile(fileOf(project), 'utf8'));
    return read.v === form ? read.place : undefined;
  } catch {
    // There is none, or it was kept by a version with another form.
    return undefined;
  }
}

function fileOf(project: string): string {
  const name = createHash('sha256').update(project).digest('hex').slice(0, 32);
  return path.join(placeOf('state'), 'places', `${name}.json`);
}
