import { readFileSync } from 'node:fs';
import type { Loaded, LoadRequest } from '../load/load.ts';
import { sourceLines } from '../load/report.ts';
import { unknownService } from '../model/nearest.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { failure, ProblemsError } from '../model/problem.ts';
import { bare } from '../model/records.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { outlineOf } from '../plan/outline.ts';
import { askedAgain, type Identity } from './identity.ts';
import { refuseOtherFolder } from './other-folder.ts';
import { tellLoaded } from './work.ts';

/** The project that a command for containers which exist is about. */
export interface Project extends Identity {
  readonly directory: string;
  /** How the project was asked for. */
  readonly asked: Pick<LoadRequest, 'projectName' | 'environment'>;
  /** Undefined when there is no stack file and everything has to be read from labels. */
  readonly loaded: Loaded | undefined;
}

/** Throws `ProblemsError` for files that cannot be read, and for a service name that they do not have. */
export async function findProject(request: LoadRequest): Promise<Project> {
  const named = request.services.length > 0 ? request.services : undefined;
  const loaded = await loadKnown(request);
  if (loaded === undefined) {
    const { directory, environment } = request;
    const name = (request.projectName ?? environment.COMPOSE_PROJECT_NAME ?? '').toLowerCase();
    const unread = { hasFile: false, loaded, services: named, unattached: [] };
    return { name, directory, asked: request, ...unread };
  }
  const { name, directory, services } = loaded.stack;
  const unattached = Object.keys(services).filter((one) => services[one]?.attach === false);
  const read = { hasFile: true, loaded, services: named ?? Object.keys(services), unattached };
  return { name, directory, asked: request, ...read };
}

/**
 * The same for a command that ends, restarts or removes containers: of the stack it has what that takes, see `outlineOf`. Its files
 * are read again only if they, or a variable, have changed.
 */
export async function recallProject(
  request: LoadRequest,
  { recall }: Pick<Surroundings, 'recall'>,
): Promise<Project> {
  if (recall === undefined) return findProject(request);
  const { question, ask } = askedAgain(request);
  // What is found out now is whole.
  let found: Project | undefined;
  const kept = await recall(`to act ${question}`, async (forget) => {
    found = await findProject(ask(forget));
    const { loaded, asked: _, ...identity } = found;
    const outline = loaded && outlineOf(loaded.stack);
    if (loaded !== undefined && outline === undefined) forget();
    return { ...identity, outline };
  });
  if (found !== undefined) return found;
  const { outline, ...identity } = kept;
  return { ...identity, asked: request, loaded: outline && asLoaded(outline) };
}

/** Nothing but the outline is known, and what the files say that it was made of. */
function asLoaded(outline: Stack): Loaded {
  const { services, networks, volumes } = outline;
  return {
    stack: { ...outline, services: bare(services), networks: bare(networks), volumes: bare(volumes) },
    variables: new Map(),
    contents: new Map(),
    profiles: [],
    overridden: {},
    warnings: [],
    read: [],
    sourceLine: sourceLines(textOf),
  };
}

/** A problem is told without its line if the file has gone meanwhile. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The stack with the services that are on, or with all if some are named: naming one is enough to mean it. Undefined when
 * a project is named but no file: as with Docker Compose its containers then tell what there is.
 */
async function loadKnown(request: LoadRequest): Promise<Loaded | undefined> {
  const { projectName, files, environment } = request;
  if (projectName !== undefined && files.length === 0) return undefined;
  const profiles = request.services.length > 0 ? ['*'] : request.profiles;
  const { loadStack } = await import('../load/load.ts');
  try {
    const loaded = await loadStack({
      ...request,
      services: [],
      profiles,
      resolveEnvironment: false,
      defaultPlatform: false,
    });
    const services = Object.keys(loaded.stack.services);
    for (const name of request.services)
      if (!services.includes(name)) throw failure(unknownService(name, services));
    return loaded;
  } catch (error) {
    const missing =
      error instanceof ProblemsError && error.problems.every(({ code }) => code === 'no-stack-file');
    if (missing && files.length === 0 && (environment.COMPOSE_PROJECT_NAME ?? '') !== '') return undefined;
    throw error;
  }
}

/** Tells what the command is about. */
export function tellProject({ name, directory, loaded }: Project, surroundings: Surroundings): void {
  if (loaded !== undefined) tellLoaded({ ...loaded, warnings: [] }, surroundings);
  else surroundings.emit({ type: 'stack-loaded', name, directory, files: [], services: [] });
}

/** Refuses to change the containers of another folder; without a file only the name of the project counts. */
export async function refuseOthers(
  { asked, loaded }: Project,
  containers: readonly ObservedContainer[],
  surroundings: Surroundings,
): Promise<void> {
  if (loaded !== undefined) await refuseOtherFolder(asked, loaded, containers, surroundings);
}
