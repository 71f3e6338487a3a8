import { type Loaded, type LoadRequest, loadStack } from '../load/load.ts';
import { nearest } from '../model/nearest.ts';
import { failure, ProblemsError } from '../model/problem.ts';

export interface Project {
  readonly name: string;
  /** Undefined when there is no stack file and everything has to be read from labels. */
  readonly services: readonly string[] | undefined;
}

/**
 * The project that a command which only looks at containers is about: by its stack file, or with `-p` by labels alone.
 * Throws `ProblemsError` for a service name that the file does not have.
 */
export async function findProject(request: LoadRequest): Promise<Project> {
  const loaded = await loadWhole(request);
  if (loaded === undefined) return { name: request.projectName ?? '', services: undefined };
  return { name: loaded.stack.name, services: Object.keys(loaded.stack.services) };
}

/**
 * The stack with all its services, whatever profiles are on: what runs is to be seen and ended. Undefined if there is no
 * stack file but a project name. Throws `ProblemsError`, also for a service name that the file does not have.
 */
export async function loadWhole(request: LoadRequest): Promise<Loaded | undefined> {
  try {
    const loaded = await loadStack({ ...request, services: [], profiles: ['*'], ignoreEnvFiles: true });
    const services = Object.keys(loaded.stack.services);
    for (const name of request.services) if (!services.includes(name)) throw unknownService(name, services);
    return loaded;
  } catch (error) {
    const missing =
      error instanceof ProblemsError && error.problems.every(({ code }) => code === 'no-stack-file');
    if (missing && request.files.length === 0 && request.projectName !== undefined) return undefined;
    throw error;
  }
}

function unknownService(name: string, services: readonly string[]): ProblemsError {
  const near = nearest(name, services);
  return failure({
    code: 'unknown-service',
    message: `no such service: ${name}`,
    hint: near === undefined ? `the services are ${services.join(', ')}` : `did you mean ${near}?`,
  });
}
