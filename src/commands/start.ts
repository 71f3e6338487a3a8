import type { LoadRequest } from '../load/load.ts';
import type { Surroundings } from '../model/runtime.ts';
import { planStart } from '../plan/start.ts';
import { actOnContainers } from './existing.ts';
import type { Outcome } from './outcome.ts';
import { findProject, type Project } from './project.ts';

export interface StartOptions {
  readonly load: LoadRequest;
}

/** Starts containers that exist, those that services depend on first. */
export async function start({ load }: StartOptions, surroundings: Surroundings): Promise<Outcome> {
  const project = await withHookEnvironment(await findProject(load), load);
  const { services, loaded } = project;
  return actOnContainers(
    'start',
    project,
    (observed) => planStart(project, loaded?.stack, observed, { services }),
    surroundings,
  );
}

/** Hooks before the start have the environment of their service, with what its env files say. */
async function withHookEnvironment(project: Project, load: LoadRequest): Promise<Project> {
  const services = Object.entries(project.loaded?.stack.services ?? {});
  if (services.every(([, { pre_start = [] }]) => pre_start.length === 0)) return project;
  const { loadStack } = await import('../load/load.ts');
  return { ...project, loaded: await loadStack({ ...load, services: services.map(([name]) => name) }) };
}
