import type Docker from 'dockerode';
import type { Trash, WeighedVolume } from '../model/observed.ts';
import { isOlder } from '../model/versions.ts';
import { call } from './api.ts';
import type { EngineHttp } from './http.ts';
import { trashAmong } from './trash.ts';
import { volumeSizes } from './volume-sizes.ts';

/** See `EngineInspection.weighVolumes`. */
export async function weighVolumes(
  engine: EngineHttp,
  patience: number,
  signal: AbortSignal,
): Promise<{ readonly volumes: readonly WeighedVolume[]; readonly trash: Trash }> {
  const listed = call<Listed>(engine, 'GET', '/volumes', { signal });
  const [{ Volumes }, sizes] = await Promise.all([listed, volumeSizes(engine, patience, signal)]);
  const tells = !isOlder((await engine.apiVersion?.(signal)) ?? '', '1.42');
  const volumes = (Volumes ?? []).map((volume) => weighed(volume, sizes, tells));
  return { volumes, trash: trashAmong(volumes) };
}

const anonymousLabel = 'com.docker.volume.anonymous';

type Found = Docker.VolumeInspectInfo & { readonly CreatedAt?: string };

interface Listed {
  readonly Volumes: readonly Found[] | null;
}

function weighed(
  { Name, Labels, CreatedAt, Driver, Options }: Found,
  sizes: ReadonlyMap<string, number>,
  tellsAnonymous: boolean,
): WeighedVolume {
  const [created, size] = [Date.parse(CreatedAt ?? '') / 1000, sizes.get(Name)];
  return {
    name: Name,
    labels: Labels ?? {},
    driver: Driver,
    options: Options ?? {},
    ...(tellsAnonymous && { anonymous: Labels?.[anonymousLabel] !== undefined }),
    ...(Number.isNaN(created) ? {} : { created }),
    ...(size === undefined || size < 0 ? {} : { size }),
  };
}
