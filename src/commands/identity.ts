import type { LoadRequest } from '../load/load.ts';
import { unknownService } from '../model/nearest.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';

/** What has to be known of a project to look at its containers. */
export interface Identity {
  readonly name: string;
  /** False: there is no stack file, and everything has to be read from labels. */
  readonly hasFile: boolean;
  /** Those the command is about: the named ones, else those that are on; undefined: whatever the project has. */
  readonly services: readonly string[] | undefined;
  /** Services whose output is shown only if they are named. */
  readonly unattached: readonly string[];
}

/**
 * The project that a command is about which only looks at containers. Its files are read again only if they, or a variable, have
 * changed. Throws as `findProject` does.
 */
export async function identify(
  request: LoadRequest,
  { recall }: Pick<Surroundings, 'recall'>,
): Promise<Identity> {
  const { question, ask } = askedAgain(request);
  const find = async (forget: () => void): Promise<Identity> => {
    const { findProject } = await import('./project.ts');
    const { name, hasFile, services, unattached } = await findProject(ask(forget));
    return { name, hasFile, services, unattached };
  };
  return recall === undefined ? find(() => {}) : recall(question, find);
}

/** A request as what `recall` is asked, without what may be secret in it, and how it is made if nothing is known yet. */
export function askedAgain(request: LoadRequest): {
  readonly question: string;
  readonly ask: (forget: () => void) => LoadRequest;
} {
  const { environment: _, readStdin, published: _published, copyNamed: _copies, ...asked } = request;
  const ask = (forget: () => void): LoadRequest => ({
    ...request,
    ...(readStdin && {
      readStdin() {
        // Another thing each time.
        forget();
        return readStdin();
      },
    }),
  });
  return { question: JSON.stringify(asked), ask };
}

/** The project's containers, with warnings about services that are named and that they do not tell of. */
export async function observeProject(
  project: Pick<Identity, 'name' | 'hasFile' | 'services'>,
  { runtime, signal }: Surroundings,
): Promise<{ readonly containers: readonly ObservedContainer[]; readonly warnings: readonly Problem[] }> {
  const containers = await runtime.observeContainers(project.name, signal);
  return { containers, warnings: unknownAmong(project, containers) };
}

/** Warnings about services that are named; with a file they have been looked up in that. */
export function unknownAmong(
  { hasFile, services = [] }: Pick<Identity, 'hasFile' | 'services'>,
  containers: readonly ObservedContainer[],
): readonly Problem[] {
  if (hasFile) return [];
  const known = [...new Set(containers.map(({ service }) => service))];
  return services
    .filter((name) => !known.includes(name))
    .map((name) => ({ severity: 'warning', ...unknownService(name, known) }));
}

/** The containers of services. */
export function containersOf(
  services: readonly string[] | undefined,
  containers: readonly ObservedContainer[],
): readonly ObservedContainer[] {
  return containers.filter(({ service }) => services?.includes(service) ?? true);
}
