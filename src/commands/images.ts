import type { LoadRequest } from '../load/load.ts';
import type { ImageDetails } from '../model/details.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { findStaleImages } from './builds.ts';
import { containersOf, observeProject } from './identity.ts';
import { findProject } from './project.ts';

export interface UsedImage {
  readonly container: ObservedContainer;
  /** Undefined if the engine does not have the image any more. */
  readonly details: ImageDetails | undefined;
}

/** The images of the project's containers, by container, with a warning for each that is stale if that counts. */
export async function images(
  load: LoadRequest,
  { checkBuilds }: { readonly checkBuilds: boolean },
  surroundings: Surroundings,
): Promise<{ readonly images: readonly UsedImage[]; readonly warnings: readonly Problem[] }> {
  const { runtime, signal } = surroundings;
  const project = await findProject(load);
  const { containers, warnings } = await observeProject(project, surroundings);
  const own = containersOf(load.services.length === 0 ? undefined : load.services, containers).filter(
    ({ oneOff }) => !oneOff,
  );
  const ids = [...new Set(own.map(({ imageId }) => imageId))];
  const { loaded, services = [] } = project;
  const [details, stale] = await Promise.all([
    runtime.describeImages(ids, signal),
    checkBuilds && loaded !== undefined ? findStaleImages(loaded, services, surroundings) : [],
  ]);
  return {
    images: own.map((container) => ({ container, details: details[container.imageId] })),
    warnings: [...warnings, ...stale],
  };
}
