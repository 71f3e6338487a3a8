import type Docker from 'dockerode';
import type { ImageDetails, ProcessList, VolumeDetails } from '../model/details.ts';
import { label } from '../model/labels.ts';
import { call, EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';
import { hasHappened } from './output.ts';

/** What the declared type of an image leaves out; older engines do not tell all of it. */
interface ImageInfo extends Docker.ImageInspectInfo {
  readonly Variant?: string;
  readonly Metadata?: { readonly LastTagTime?: string };
}

/** See `EngineInspection.describeImages`. */
export async function describeImages(
  engine: EngineHttp,
  images: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, ImageDetails>>> {
  const found = await Promise.all(
    images.map(async (image) => {
      const details = await describeImage(engine, image, signal);
      return details === undefined ? [] : [[image, details] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function describeImage(
  engine: EngineHttp,
  image: string,
  signal: AbortSignal,
): Promise<ImageDetails | undefined> {
  const info = await unlessMissing(call<ImageInfo>(engine, 'GET', `/images/${image}/json`, { signal }));
  if (info === undefined) return undefined;
  const lastTagTime = info.Metadata?.LastTagTime ?? '';
  const parts = [info.Os, info.Architecture, info.Variant ?? ''];
  return {
    id: info.Id,
    size: info.Size,
    platform: parts.filter((part) => part !== '').join('/'),
    ...(hasHappened(lastTagTime) ? { lastTagTime } : {}),
  };
}

/** See `EngineInspection.listVolumes`. */
export async function listVolumes(
  engine: EngineHttp,
  project: string,
  signal: AbortSignal,
): Promise<readonly VolumeDetails[]> {
  const filters = JSON.stringify({ label: [`${label.project}=${project}`] });
  const answer = await call<{ Volumes: Docker.VolumeInspectInfo[] | null }>(engine, 'GET', '/volumes', {
    query: { filters },
    signal,
  });
  return (answer.Volumes ?? [])
    .map(({ Name, Driver, Scope, Mountpoint, Labels }) => ({
      name: Name,
      driver: Driver,
      scope: Scope,
      mountpoint: Mountpoint,
      labels: Labels ?? {},
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** See `EngineInspection.listProcesses`. */
export async function listProcesses(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
): Promise<ProcessList | undefined> {
  const path = `/containers/${container}/top`;
  const answer = await unlessMissing(
    call<{ Titles: string[]; Processes: string[][] | null }>(engine, 'GET', path, { signal }),
  );
  return answer === undefined ? undefined : { titles: answer.Titles, processes: answer.Processes ?? [] };
}

/** See `EngineInspection.inspect`. */
export function inspect(engine: EngineHttp, container: string, signal: AbortSignal): Promise<unknown> {
  return unlessMissing(call<unknown>(engine, 'GET', `/containers/${container}/json`, { signal }));
}

/** See `EngineInspection.awaitExit`. */
export async function awaitExit(engine: EngineHttp, container: string, signal: AbortSignal): Promise<number> {
  const path = `/containers/${container}/wait`;
  const { StatusCode } = await call<{ StatusCode: number }>(engine, 'POST', path, { signal });
  return StatusCode;
}

/** What was removed or has ended meanwhile is nothing to tell. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineRefusal && (error.status === 404 || error.status === 409)) return undefined;
    throw error;
  }
}
