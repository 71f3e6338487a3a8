import os from 'node:os';
import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import {
  clashes,
  type EngineMachine,
  type HostPort,
  type Neighbour,
  type Neighbours,
  type NeighboursRequest,
  type TakenPort,
} from '../model/neighbours.ts';
import { call } from './api.ts';
import { diskOf } from './disk.ts';
import { canListen, listensSomewhere, processWith } from './host-ports.ts';
import type { EngineHttp } from './http.ts';
import { engineInfo } from './info.ts';
import { kernelText } from './kernel.ts';

/** See `EngineInspection.lookAround`. `isLocal`: the engine is reached by a socket of this machine. */
export async function lookAround(
  engine: EngineHttp,
  request: NeighboursRequest,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<Neighbours> {
  const [listed, machine] = await Promise.all([
    call<Docker.ContainerInfo[]>(engine, 'GET', '/containers/json', { query: { all: '1' }, signal }),
    request.machine ? describeMachine(engine, isLocal, signal) : undefined,
  ]);
  // What is on its way out is gone by the time.
  const containers = listed.filter(({ State }) => State !== 'removing').map(neighbourOf);
  const held = (port: HostPort): boolean =>
    containers.some(({ ports }) => ports.some((one) => clashes(one, port)));
  // What containers have, processes of the engine listen at.
  const asked = isLocal ? request.ports.filter((port) => !held(port)) : [];
  const others = (await Promise.all(asked.map(findTaken))).flatMap((one) => one ?? []);
  const sharing = others.length > 0 ? await asksThisMachine(engine, signal) : 'no';
  const conflicts = request.ports.filter((port) => held(port) || others.some((one) => one.port === port));
  const free = await Promise.all(
    conflicts.map(async (port) => {
      const isFree = (candidate: HostPort): boolean =>
        !held(candidate) && !request.ports.some((one) => clashes(one, candidate));
      return [port.port, await freeAfter(port, isFree, isLocal)] as const;
    }),
  );
  return {
    containers,
    taken: sharing === 'no' ? [] : others.map((one) => ({ ...one, isCertain: sharing === 'yes' })),
    free: new Map(free.flatMap(([port, found]) => (found === undefined ? [] : [[port, found] as const]))),
    ...(machine === undefined ? {} : { machine }),
  };
}

function neighbourOf({ Id, Names, Labels, Ports }: Docker.ContainerInfo): Neighbour {
  const project = Labels[label.project];
  return {
    id: Id,
    name: (Names[0] ?? '').replace(/^\//, ''),
    ...(project === undefined ? {} : { project }),
    ports: (Ports ?? []).flatMap(({ IP = '', PublicPort, Type }) =>
      PublicPort ? [{ hostIp: IP, port: PublicPort, protocol: Type }] : [],
    ),
  };
}

/** Who listens at a port of this machine, if someone does. */
async function findTaken(port: HostPort): Promise<Omit<TakenPort, 'isCertain'> | undefined> {
  if (port.protocol !== 'tcp' && port.protocol !== 'udp') return undefined;
  // Where the system tells who listens nothing is tried that others could run into meanwhile.
  if ((await listensSomewhere(port)) === false || (await canListen(port)) !== 'no') return undefined;
  const by = await processWith(port.port, port.protocol).catch(() => undefined);
  return { port, ...(by === undefined ? {} : { by }) };
}

/**
 * Whether ports are taken from those of this machine. An engine with a host name of its own is in a virtual machine, to
 * which products for desktops lead the ports of this one; or it is this program that runs in a container, whose ports are
 * none of the engine's.
 */
async function asksThisMachine(engine: EngineHttp, signal: AbortSignal): Promise<'yes' | 'perhaps' | 'no'> {
  const { Name, OperatingSystem = '' } = (await engineInfo(engine, signal)).info;
  if (Name === os.hostname()) return 'yes';
  return process.platform !== 'linux' || OperatingSystem.includes('Desktop') ? 'perhaps' : 'no';
}

/** How many ports above one that is taken are tried. */
const nearby = 50;

async function freeAfter(
  taken: HostPort,
  isFree: (port: HostPort) => boolean,
  isLocal: boolean,
): Promise<number | undefined> {
  for (let port = taken.port + 1; port <= Math.min(65_535, taken.port + nearby); port++) {
    const candidate = { ...taken, port };
    if (!isFree(candidate)) continue;
    if (!isLocal || (await listensSomewhere(candidate)) === false || (await canListen(candidate)) === 'yes')
      return port;
  }
  return undefined;
}

/** What processors are called in images, by what systems call them. */
const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i686: '386' };

async function describeMachine(
  engine: EngineHttp,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<EngineMachine | undefined> {
  const { info, clockAhead } = await engineInfo(engine, signal);
  const { Architecture = '', MemTotal = 0, NCPU = 0, DefaultAddressPools: pools } = info;
  if (MemTotal === 0 || NCPU === 0) return undefined;
  const isHere = isLocal && info.Name === os.hostname();
  const disk = isLocal ? await diskOf(info.DockerRootDir) : undefined;
  const routes = isHere ? readRoutes() : undefined;
  return {
    isPodman: info.BuildahVersion !== undefined,
    processors: NCPU,
    memory: MemTotal,
    architecture: architectures[Architecture] ?? Architecture,
    ...(Number.isNaN(clockAhead) ? {} : { clockAhead }),
    ...(disk === undefined ? {} : { disk }),
    ...(pools ? { pools: pools.map(({ Base, Size }) => ({ base: Base, size: Size })) } : {}),
    ...(routes === undefined ? {} : { routes }),
  };
}

/** The networks that the kernel of this machine has routes to, without those of engines, which tell theirs themselves. */
function readRoutes(): EngineMachine['routes'] {
  // Only some systems have it.
  const table = kernelText('/proc/net/route') ?? '';
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', destination = '', , , , , , mask = ''] = line.split('\t');
      if (mask === '' || /^0+$/.test(mask) || /^(?:docker|br-|podman|cni|veth)/.test(device)) return [];
      const bits = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
      return [{ subnet: `${addressIn(destination)}/${bits}`, device }];
    });
}

/** The kernel writes addresses as numbers of this machine, whose last byte comes first. */
function addressIn(hexadecimal: string): string {
  const bytes = hexadecimal.match(/../g) ?? [];
  return bytes
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}
