import type { LoadRequest } from '../load/load.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { isTemporary } from '../plan/container.ts';
import { identify, observeProject } from './identity.ts';

export interface ReplicaOptions {
  readonly load: LoadRequest;
  readonly service: string;
  /** Number of the replica; 0: the lowest that runs. */
  readonly index: number;
}

/** The container of a service that is meant, which runs. Throws `no-container` if there is none. */
export async function findReplica(
  { load, service, index }: ReplicaOptions,
  surroundings: Surroundings,
): Promise<ObservedContainer> {
  const project = await identify({ ...load, services: [service] }, surroundings);
  const { containers } = await observeProject(project, surroundings);
  const running = containers
    .filter((container) => container.service === service && isAlive(container))
    .toSorted(
      (a, b) =>
        Number(a.oneOff) - Number(b.oneOff) ||
        a.number - b.number ||
        // One that is yet to take over comes after the one that it replaces.
        Number(isTemporary(a.name)) - Number(isTemporary(b.name)),
    );
  const container = index === 0 ? running[0] : running.find(({ number }) => number === index);
  if (container === undefined) throw notRunning(service, index);
  return container;
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
