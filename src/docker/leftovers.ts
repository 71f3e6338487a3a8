import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import type { EngineContents } from '../model/observed.ts';
import { call } from './api.ts';
import type { EngineHttp } from './http.ts';
import { listEveryContainer } from './observe.ts';
import { weighVolumes } from './volumes.ts';

/** How long is waited for the engine to count what is in volumes, in milliseconds. */
const patience = 60_000;

/** See `EngineInspection.observeContents`. */
export async function observeContents(engine: EngineHttp, signal: AbortSignal): Promise<EngineContents> {
  const list = <T>(path: string, filters: object): Promise<T> =>
    call<T>(engine, 'GET', path, { query: { filters: JSON.stringify(filters) }, signal });
  const ours = { label: [label.project] };
  const [containers, networks, images, { volumes, trash }] = await Promise.all([
    listEveryContainer(engine, signal),
    list<Docker.NetworkInspectInfo[]>('/networks', ours),
    list<Docker.ImageInfo[]>('/images/json', { ...ours, dangling: ['true'] }),
    weighVolumes(engine, patience, signal),
  ]);
  return {
    containers,
    networks: networks.map(({ Id, Name, Labels }) => ({ id: Id, name: Name, labels: Labels ?? {} })),
    unnamedImages: images.map(({ Id, Created, Labels }) => ({
      id: Id,
      created: Created,
      labels: Labels ?? {},
    })),
    volumes: volumes.filter(({ labels }) => labels[label.project] !== undefined),
    trash,
  };
}
