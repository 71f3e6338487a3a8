import type Docker from 'dockerode';
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
  const byService = Map.groupBy(found, ({ Labels }) => Labels?.[label.service] ?? '');
  const removed = Object.entries(keep).flatMap(([service, kept]) =>
    (byService.get(service) ?? []).toSorted((a, b) => b.Created - a.Created).slice(kept),
  );
  await Promise.all(
    removed.map(({ Id }) => call(engine, 'DELETE', `/images/${Id}`, { signal, accept: [404, 409] })),
  );
}
