import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { homeFolder, keepFile, placeOf } from '../docker/places.ts';
import type { Demand, Trust } from '../model/demand.ts';
import { settingsInUse } from './settings.ts';

const form = 1;

/** What was agreed to while this runs, by folder: also where it cannot be kept for the next time. */
const agreedNow = new Map<string, ReadonlySet<string>>();

/** What this user has agreed to, by the folders of stacks; nothing in the place of Docker Compose, which asks nobody. */
export function userTrust(): Trust | undefined {
  const { asCompose, trusts } = settingsInUse();
  if (asCompose) return undefined;
  return {
    home: homeFolder(),
    own: [placeOf('state'), placeOf('cache')],
    async agrees(directory, demands) {
      if (trusts === 'this time') return true;
      if (trusts === 'from now on') {
        await agree(directory, demands);
        return true;
      }
      const agreed = await readAgreed(directory);
      return demands.every((demand) => agreed.has(keyOf(demand)));
    },
  };
}

/** Keeps that a stack of a folder may have what it asks for. */
export async function agree(directory: string, demands: readonly Demand[]): Promise<void> {
  const agreed = new Set([...(await readAgreed(directory)), ...demands.map(keyOf)]);
  agreedNow.set(directory, agreed);
  // Where it cannot be kept it is asked again.
  await keepFile(fileOf(directory), `${JSON.stringify({ v: form, agreed: [...agreed] })}\n`).catch(() => {});
}

async function readAgreed(directory: string): Promise<ReadonlySet<string>> {
  const now = agreedNow.get(directory);
  if (now !== undefined) return now;
  try {
    const { v, agreed } = JSON.parse(await readFile(fileOf(directory), 'utf8'));
    return new Set(v === form && Array.isArray(agreed) ? agreed : []);
  } catch {
    // Nothing was agreed to, or it was kept by a version with another form.
    return new Set();
  }
}

/** The same demand of the same service needs no second answer, wherever in the files it stands by then. */
function keyOf({ service, what }: Demand): string {
  return hash(`${service}\n${what}`);
}

function fileOf(directory: string): string {
  return path.join(placeOf('state'), 'trust', `${hash(directory)}.json`);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
