import type { LoadRequest } from '../load/load.ts';
import { isAlive } from '../model/observed.ts';
import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { down } from './down.ts';
import { containersOf, observeProject } from './identity.ts';
import { interrupted, type Outcome } from './outcome.ts';
import { findProject, tellProject } from './project.ts';

export interface WaitOptions {
  readonly load: LoadRequest;
  /** Remove the project once the containers have ended. */
  readonly down: boolean;
}

/** Resolves when all running containers of the services have ended, with the exit code of the one that ended last. */
export async function wait(options: WaitOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load } = options;
  const { runtime, emit, signal } = surroundings;
  const project = await findProject(load);
  tellProject(project, surroundings);
  const { containers } = await observeProject(project, surroundings);
  const running = containersOf(load.services, containers).filter(isAlive);
  if (running.length === 0) {
    throw failure({
      code: 'no-container',
      message: `no containers for project "${project.name}"`,
      hint: 'only what runs can be waited for: stack ps',
    });
  }
  let last = 0;
  const waitFor = async ({ id, name, service, number }: (typeof running)[number]): Promise<void> => {
    last = await runtime.awaitExit(id, signal);
    emit({
      type: 'container-changed',
      id,
      name,
      service,
      number,
      state: 'exited',
      exitCode: last,
      ports: [],
    });
  };
  await Promise.all(running.map(waitFor));
  if (signal.aborted) return interrupted;
  if (!options.down) return { exitCode: last, problems: [] };
  const everything = {
    load: { ...load, services: [] },
    volumes: false,
    images: undefined,
    removeOrphans: true,
  };
  const { exitCode, problems } = await down(everything, surroundings);
  return { exitCode: exitCode === 0 ? last : exitCode, problems };
}
