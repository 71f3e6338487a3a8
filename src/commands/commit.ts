import type { Surroundings } from '../model/runtime.ts';
import type { CommitRequest } from '../model/streams.ts';
import { findReplica, type ReplicaOptions } from './replica.ts';

export interface CommitOptions extends ReplicaOptions, Omit<CommitRequest, 'container'> {}

/** Makes an image of a container that runs. */
export async function commit(
  { load, service, index, ...request }: CommitOptions,
  surroundings: Surroundings,
): Promise<{ readonly container: string; readonly image: string }> {
  const { runtime, signal } = surroundings;
  const { container } = await findReplica({ load, service, index }, surroundings);
  const image = await runtime.commit({ container: container.id, ...request }, signal);
  return { container: container.name, image };
}
