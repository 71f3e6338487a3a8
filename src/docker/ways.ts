import { BlockList } from 'node:net';
import os from 'node:os';
import type Docker from 'dockerode';
import { isEveryAddress } from '../model/ports.ts';
import { inspectContainer } from './containers.ts';
import { isThisMachine } from './endpoint.ts';
import type { EngineHttp } from './http.ts';

/** A way from this machine to a port of a container. */
export interface Way {
  readonly host: string;
  readonly port: number;
  /**
   * Between here and there something accepts connections whether the program listens or not, and closes those at once
   * with which it does not know what to do.
   */
  readonly relayed: boolean;
}

type Inspected = Pick<Docker.ContainerInspectInfo, 'HostConfig' | 'NetworkSettings'>;

/**
 * How a TCP port of a container is reached from here: by its own address where this machine is on its network, as the
 * machine of a native engine is, else by a port that is published. Undefined: not at all.
 */
export async function wayTo(
  engine: EngineHttp,
  container: Inspected,
  port: number,
  signal: AbortSignal,
): Promise<Way | undefined> {
  const owner = await networkOwner(engine, container, signal);
  const { Networks = {}, Ports = {} } = owner?.NetworkSettings ?? {};
  // An engine on another machine may have networks of the same numbers.
  const isHere = isThisMachine(engine.host ?? '');
  const own = Object.values(Networks).find(
    ({ IPAddress, IPPrefixLen }) => isHere && isNear(IPAddress, IPPrefixLen, localAddresses()),
  );
  if (own !== undefined) return { host: own.IPAddress, port, relayed: false };
  const [published] = (Ports[`${port}/tcp`] ?? []).filter(({ HostPort }) => Number(HostPort) > 0);
  if (published === undefined || engine.host === undefined) return undefined;
  const host = publishedHost(engine.host, published.HostIp);
  return { host, port: Number(published.HostPort), relayed: true };
}

/** Where a port is found that an engine publishes on an address of its machine; `engineHost` is how that machine is reached. */
export function publishedHost(engineHost: string, hostIp: string): string {
  return isEveryAddress(hostIp) || engineHost !== '127.0.0.1' ? engineHost : hostIp;
}

/** The container whose network another one shares, or itself. */
async function networkOwner(
  engine: EngineHttp,
  container: Inspected,
  signal: AbortSignal,
): Promise<Inspected | undefined> {
  const [, other] = /^container:(.+)$/.exec(container.HostConfig.NetworkMode ?? '') ?? [];
  return other === undefined ? container : inspectContainer(engine, other, signal);
}

function localAddresses(): readonly string[] {
  return Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** Whether one of the addresses is on the same network: those of an engine in a virtual machine are not. */
function isNear(address: string, prefix: number, others: readonly string[]): boolean {
  if (!address || !prefix) return false;
  const network = new BlockList();
  network.addSubnet(address, prefix);
  return others.some((other) => network.check(other));
}
