import type { Surroundings } from '../model/runtime.ts';
import { findReplica, type ReplicaOptions } from './replica.ts';

/** All files of a container that runs, as a tar; `began` gets its name. */
export async function exportFiles(
  options: ReplicaOptions,
  began: (container: string) => void,
  surroundings: Surroundings,
): Promise<AsyncIterable<Uint8Array>> {
  const { runtime, signal } = surroundings;
  const container = await findReplica(options, surroundings);
  began(container.name);
  return runtime.exportContainer(container.id, signal);
}
