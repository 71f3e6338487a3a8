import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import type { EngineContents } from '../model/observed.ts';
import { call, EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';
import { listEveryContainer } from './observe.ts';

/** See `EngineInspection.observeContents`. */
export async function observeContents(engine: EngineHttp, signal: AbortSignal): Promise<EngineContents> {
  const list = <T>(path: string, filters: object): Promise<T> =>
    call<T>(engine, 'GET', path, { query: { filters: JSON.stringify(filters) }, signal });
  const ours = { label: [label.project] };
  const [containers, networks, images, { Volumes }, sizes] = await Promise.all([
    listEveryContainer(engine, signal),
    list<Docker.NetworkInspectInfo[]>('/networks', ours),
    list<Docker.ImageInfo[]>('/images/json', { ...ours, dangling: ['true'] }),
    list<{ Volumes: (Docker.VolumeInspectInfo & { CreatedAt?: string })[] | null }>('/volumes', ours),
    volumeSizes(engine, signal),
  ]);
  return {
    containers,
    networks: networks.map(({ Id, Name, Labels }) => ({ id: Id, name: Name, labels: Labels ?? {} })),
    unnamedImages: images.map(({ Id, Created, Labels }) => ({
      id: Id,
      created: Created,
      labels: Labels ?? {},
    })),
    volumes: (Volumes ?? []).map(({ Name, Labels, CreatedAt }) => {
      const [created, size] = [Date.parse(CreatedAt ?? '') / 1000, sizes.get(Name)];
      return {
        name: Name,
        labels: Labels ?? {},
        ...(Number.isNaN(created) ? {} : { created }),
        ...(size === undefined || size < 0 ? {} : { size }),
      };
    }),
  };
}

/** Engines that are asked twice at the same time refuse the second. */
async function volumeSizes(engine: EngineHttp, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  type Usage = { readonly Volumes?: readonly Docker.VolumeInspectInfo[] | null };
  try {
    const { Volumes } = await call<Usage>(engine, 'GET', '/system/df', { query: { type: 'volume' }, signal });
    return new Map((Volumes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size ?? -1]));
  } catch (error) {
    if (error instanceof EngineRefusal) return new Map();
    throw error;
  }
}
