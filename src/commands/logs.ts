import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { interrupted, type Outcome, succeeded } from './outcome.ts';
import { findProject } from './project.ts';
import { observeContainers } from './work.ts';

export interface LogsOptions {
  readonly load: LoadRequest;
  readonly follow: boolean;
  readonly tail: number | 'all';
  readonly timestamps: boolean;
  readonly since?: string;
  readonly until?: string;
}

/** Tells what the services wrote; with `follow` until all have ended or the user ends it. */
export async function logs({ load, ...options }: LogsOptions, surroundings: Surroundings): Promise<Outcome> {
  const { signal } = surroundings;
  try {
    await tellLogs(load, options, surroundings);
  } catch (error) {
    // What the user ends breaks off somewhere, and that is no failure.
    if (!signal.aborted) throw error;
  }
  return signal.aborted ? interrupted : succeeded;
}

async function tellLogs(
  load: LoadRequest,
  options: Omit<LogsOptions, 'load'>,
  surroundings: Surroundings,
): Promise<void> {
  const { runtime, emit, signal } = surroundings;
  const project = await findProject(load);
  const named = load.services.length > 0 ? load.services : project.services;
  const services = named ?? (await servicesOnEngine(project.name, surroundings));
  for await (const event of runtime.readLogs({ project: project.name, services, ...options }, signal))
    emit(event);
}

async function servicesOnEngine(project: string, surroundings: Surroundings): Promise<readonly string[]> {
  const containers = await observeContainers(project, surroundings, surroundings.signal);
  return [...new Set(containers.map(({ service }) => service))];
}
