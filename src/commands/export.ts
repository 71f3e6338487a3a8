import type { Surroundings } from '../model/runtime.ts';
import { findReplica, type ReplicaOptions } from './replica.ts';

/** All files of a container that runs, as a tar. */
export async function exportFiles(
  options: ReplicaOptions,
  surroundings: Surroundings,
): Promise<AsyncIterable<Uint8Array>> {
  const { runtime, signal } = surroundings;
  const { container } = await findReplica(options, surroundings);
  return runtime.exportContainer(container.id, signal);
}
