import type { LoadRequest } from '../load/load.ts';
import { isAlive, type ObservedContainer, type PublishedPort } from '../model/observed.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { findProject, observeProject } from './project.ts';

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
  const project = await findProject({ ...load, services: [service] });
  const { containers } = await observeProject(project, surroundings);
  const running = containers
    .filter((container) => container.service === service && isAlive(container))
    .toSorted((a, b) => Number(a.oneOff) - Number(b.oneOff) || a.number - b.number);
  const container = index === 0 ? running[0] : running.find(({ number }) => number === index);
  if (container === undefined) throw notRunning(service, index);
  const published = container.ports
    .filter(({ containerPort, protocol: other }) => containerPort === options.port && other === protocol)
    // Most programs that are handed an address understand IPv4.
    .toSorted((a, b) => Number(a.hostIp.includes(':')) - Number(b.hostIp.includes(':')));
  if (published[0] === undefined) throw notPublished(options, container);
  return published[0];
}

export function notRunning(service: string, index: number) {
  return failure({
    code: 'no-container',
    service,
    message:
      index === 0
        ? `service "${service}" is not running`
        : `service "${service}" is not running container #${index}`,
    hint: 'stack ps tells what runs',
  });
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
