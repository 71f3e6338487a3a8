import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import type {
  Health,
  ObservedContainer,
  ObservedImage,
  ObservedNetwork,
  ObservedState,
  ObservedVolume,
  PublishedPort,
} from '../model/observed.ts';
import type { ObserveRequest } from '../model/runtime.ts';
import { call, EngineRefusal } from './api.ts';
import { containerState } from './containers.ts';
import { brokenCopiesAmong } from './copy-volume.ts';
import type { EngineHttp } from './http.ts';

/** The project as the engine has it, from one parallel round of calls. */
export async function observe(
  engine: EngineHttp,
  request: ObserveRequest,
  signal: AbortSignal,
): Promise<ObservedState> {
  const [all, networks, volumes, built, images] = await Promise.all([
    findContainers(engine, [`${label.project}=${request.project}`], signal),
    listNetworks(engine, signal),
    listVolumes(engine, request, signal),
    request.builtImages === true ? listBuiltImages(engine, request.project, signal) : {},
    Promise.all(request.images.map(async (name) => [name, await findImage(engine, name, signal)] as const)),
  ]);
  const found = images.filter((entry): entry is readonly [string, ObservedImage] => entry[1] !== undefined);
  return {
    containers: all.filter(isOfService),
    hookContainers: all.filter(({ labels }) => labels[label.hook] !== undefined),
    brokenCopies: brokenCopiesAmong(all),
    networks: networks.filter(
      ({ name, labels }) => labels[label.project] === request.project || request.networks.includes(name),
    ),
    subnets: networks.flatMap(({ name, subnets }) => subnets.map((subnet) => ({ network: name, subnet }))),
    volumes,
    images: { ...built, ...Object.fromEntries(found) },
    apiVersion: await engine.apiVersion?.(signal),
  };
}

/** Docker Compose takes a container for its own only if it has a config hash. */
function isOfService({ labels }: ObservedContainer): boolean {
  return labels[label.configHash] !== undefined;
}

/** The project's containers, also those that have ended; sorted by name, as Docker Compose lists them. */
export async function listContainers(
  engine: EngineHttp,
  project: string,
  signal: AbortSignal,
): Promise<readonly ObservedContainer[]> {
  return findContainers(engine, [`${label.project}=${project}`, label.configHash], signal);
}

/** The containers of all projects, sorted in the same way. */
export function listAllContainers(
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<readonly ObservedContainer[]> {
  return findContainers(engine, [label.project, label.configHash], signal);
}

/** All containers of the engine, whoever made them. */
export function listEveryContainer(
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<readonly ObservedContainer[]> {
  return findContainers(engine, [], signal);
}

async function findContainers(
  engine: EngineHttp,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<readonly ObservedContainer[]> {
  const query = { all: '1', filters: JSON.stringify({ label: labels }) };
  const answer = await call<Docker.ContainerInfo[]>(engine, 'GET', '/containers/json', { query, signal });
  return answer.map(containerOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The engine's status text is the only place of a list where health and exit code stand. */
function readStatus(status: string): { health?: Health; exitCode?: number } {
  const exit = /^Exited \((\d+)\)/.exec(status);
  if (exit !== null) return { exitCode: Number(exit[1]) };
  const health = /\((?:health: )?(starting|healthy|unhealthy)\)$/.exec(status);
  return health === null ? {} : { health: health[1] as Health };
}

function containerOf(info: Docker.ContainerInfo): ObservedContainer {
  const labels = info.Labels;
  return {
    id: info.Id,
    name: (info.Names[0] ?? '').replace(/^\//, ''),
    service: labels[label.service] ?? '',
    number: Number(labels[label.number] ?? 0),
    oneOff: labels[label.oneOff] === 'True',
    state: containerState(info.State),
    ...readStatus(info.Status),
    status: info.Status,
    image: info.Image,
    imageId: info.ImageID,
    command: info.Command,
    created: info.Created,
    labels,
    networks: Object.entries(info.NetworkSettings?.Networks ?? {}).map(([name, { NetworkID }]) => ({
      name,
      id: NetworkID,
    })),
    mounts: info.Mounts.map(({ Type, Name, Source, Destination }) => ({
      type: Type,
      ...(Name === undefined ? {} : { name: Name }),
      ...(Source ? { source: Source } : {}),
      target: Destination,
    })),
    ports: info.Ports.flatMap(portOf),
    exposedPorts: info.Ports.filter(({ PublicPort }) => !PublicPort).map(({ PrivatePort, Type }) => ({
      containerPort: PrivatePort,
      protocol: Type,
    })),
  };
}

function portOf(port: Docker.Port): PublishedPort[] {
  if (!port.PublicPort) return [];
  return [
    { hostIp: port.IP, hostPort: port.PublicPort, containerPort: port.PrivatePort, protocol: port.Type },
  ];
}

/** All of the engine: the addresses of one concern the others. */
async function listNetworks(
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<readonly (ObservedNetwork & { readonly subnets: readonly string[] })[]> {
  const answer = await call<Docker.NetworkInspectInfo[]>(engine, 'GET', '/networks', { signal });
  return answer.map(({ Id, Name, Labels, IPAM, Scope }) => ({
    id: Id,
    name: Name,
    labels: Labels ?? {},
    // Those of a swarm may have the same addresses as those of a machine.
    subnets: Scope === 'swarm' ? [] : (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
  }));
}

async function listVolumes(
  engine: EngineHttp,
  { project, volumes }: ObserveRequest,
  signal: AbortSignal,
): Promise<readonly ObservedVolume[]> {
  const answer = await call<{ Volumes: Docker.VolumeInspectInfo[] | null }>(engine, 'GET', '/volumes', {
    signal,
  });
  return (answer.Volumes ?? [])
    .filter(({ Name, Labels }) => Labels?.[label.project] === project || volumes.includes(Name))
    .map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));
}

async function listBuiltImages(
  engine: EngineHttp,
  project: string,
  signal: AbortSignal,
): Promise<Record<string, ObservedImage>> {
  const filters = JSON.stringify({ label: [`${label.project}=${project}`] });
  const answer = await call<Docker.ImageInfo[]>(engine, 'GET', '/images/json', {
    query: { filters },
    signal,
  });
  // An image whose name went to a newer one has none left, and goes by its id.
  const named = answer.flatMap(({ Id: id, RepoTags, Labels: labels }) =>
    (RepoTags?.length ? RepoTags : [id]).map(
      (name) => [name, { id, labels: labels ?? {}, volumes: [] }] as const,
    ),
  );
  return Object.fromEntries(named);
}

type Tagged = Docker.ImageInspectInfo & { readonly Metadata?: { readonly LastTagTime?: string } };

async function findImage(
  engine: EngineHttp,
  name: string,
  signal: AbortSignal,
): Promise<ObservedImage | undefined> {
  try {
    const info = await call<Tagged>(engine, 'GET', `/images/${name}/json`, { signal });
    const tagged = Date.parse(info.Metadata?.LastTagTime ?? '');
    return {
      id: info.Id,
      ...(tagged > 0 ? { tagged: tagged / 1000 } : {}),
      labels: info.Config?.Labels ?? {},
      ...(info.Architecture ? { architecture: info.Architecture } : {}),
      volumes: Object.keys(info.Config?.Volumes ?? {}),
      exposed: Object.keys(info.Config?.ExposedPorts ?? {}),
    };
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}
