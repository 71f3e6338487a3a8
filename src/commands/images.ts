import type { LoadRequest } from '../load/load.ts';
import type { ImageDetails } from '../model/details.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { containersOf, findProject, observeProject } from './project.ts';

export interface UsedImage {
  readonly container: ObservedContainer;
  /** Undefined if the engine does not have the image any more. */
  readonly details: ImageDetails | undefined;
}

/** The images of the project's containers, by container. */
export async function images(
  load: LoadRequest,
  surroundings: Surroundings,
): Promise<{ readonly images: readonly UsedImage[]; readonly warnings: readonly Problem[] }> {
  const { runtime, signal } = surroundings;
  const project = await findProject(load);
  const { containers, warnings } = await observeProject(project, surroundings);
  const own = containersOf(load.services.length === 0 ? undefined : load.services, containers).filter(
    ({ oneOff }) => !oneOff,
  );
  const ids = [...new Set(own.map(({ imageId }) => imageId))];
  const details = await runtime.describeImages(ids, signal);
  return { images: own.map((container) => ({ container, details: details[container.imageId] })), warnings };
}
