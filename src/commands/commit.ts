import type { Surroundings } from '../model/runtime.ts';
import type { CommitRequest } from '../model/streams.ts';
import { findReplica, type ReplicaOptions } from './replica.ts';

export interface CommitOptions extends ReplicaOptions, Omit<CommitRequest, 'container'> {
  /** Called with the container's name before it begins. */
  readonly began: (container: string) => void;
}

/** Makes an image of a container that runs. */
export async function commit(
  { load, service, index, began, ...request }: CommitOptions,
  surroundings: Surroundings,
): Promise<{ readonly container: string; readonly image: string }> {
  const { runtime, signal } = surroundings;
  const container = await findReplica({ load, service, index }, surroundings);
  began(container.name);
  const image = await runtime.commit({ container: container.id, ...request }, signal);
  return { container: container.name, image };
}
