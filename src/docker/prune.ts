import type Docker from 'dockerode';
import { groupBy } from '../model/groups.ts';
import { label } from '../model/labels.ts';
import type { PruneImages } from '../model/plan.ts';
import { call } from './api.ts';
import type { EngineHttp } from './http.ts';

/** Of images of which nothing but an id is left, the newest of each service stay, and those that containers are made of. */
export async function pruneImages(
  engine: EngineHttp,
  { project, keep }: PruneImages,
  signal: AbortSignal,
): Promise<void> {
  const filters = JSON.stringify({ dangling: ['true'], label: [`${label.project}=${project}`] });
  const found = await call<Docker.ImageInfo[]>(engine, 'GET', '/images/json', { query: { filters }, signal });
  const byService = groupBy(found, ({ Labels }) => Labels?.[label.service] ?? '');
  const removed = await Promise.all(
    Object.entries(keep).map(async ([service, kept]) => {
      const images = byService.get(service) ?? [];
      return images.length <= kept ? [] : (await newestFirst(engine, images, signal)).slice(kept);
    }),
  );
  await Promise.all(
    removed.flat().map((id) => call(engine, 'DELETE', `/images/${id}`, { signal, accept: [404, 409] })),
  );
}

/** Their ids. The list tells whole seconds only, in which several may be built. */
async function newestFirst(
  engine: EngineHttp,
  images: readonly Docker.ImageInfo[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const made = await Promise.all(
    images.map(async ({ Id }) => {
      const info = await call<Docker.ImageInspectInfo | undefined>(engine, 'GET', `/images/${Id}/json`, {
        signal,
        accept: [404],
      });
      return { id: Id, at: Date.parse(info?.Created ?? '') || 0 };
    }),
  );
  return made.toSorted((a, b) => b.at - a.at).map(({ id }) => id);
}
