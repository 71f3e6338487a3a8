import type { LoadRequest } from '../load/load.ts';
import type { ObservedContainer, PublishedPort } from '../model/observed.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { findReplica } from './replica.ts';

export interface PortOptions {
  readonly load: LoadRequest;
  readonly service: string;
  readonly port: number;
  readonly protocol: string;
  /** Number of the replica; 0: the lowest that runs. */
  readonly index: number;
}

/** Where a port of a service is published on the host. */
export async function port(options: PortOptions, surroundings: Surroundings): Promise<PublishedPort> {
  const { load, service, index, protocol } = options;
  const container = await findReplica({ load, service, index }, surroundings);
  const published = container.ports
    .filter(({ containerPort, protocol: other }) => containerPort === options.port && other === protocol)
    // Most programs that are handed an address understand IPv4.
    .toSorted((a, b) => Number(a.hostIp.includes(':')) - Number(b.hostIp.includes(':')));
  if (published[0] === undefined) throw notPublished(options, container);
  return published[0];
}

function notPublished({ port, protocol }: PortOptions, { name, ports }: ObservedContainer) {
  const others = ports.map(({ containerPort, protocol: other }) => `${containerPort}/${other}`);
  const all = [...new Set(others)];
  return failure({
    code: 'not-published',
    message: `no port ${port}/${protocol} for container ${name}`,
    hint: all.length === 0 ? 'it publishes no port' : `it publishes ${all.join(', ')}`,
  });
}
