import type { ObservedState } from '../model/observed.ts';
import type { BuildImage } from '../model/plan.ts';
import type { ExaminedBuild } from '../model/runtime.ts';
import { imageOf, type Stack } from '../model/stack.ts';
import { addBuild } from './images.ts';
import { isTakenAsItIs } from './stale.ts';
import { createStepList } from './steps.ts';

/**
 * The builds of which it is to be found out whether the images that are there are those they would make now, and the builds
 * that these use. What is pulled as a policy says is as it is pulled.
 */
export function examinedBuilds(stack: Stack, images: ObservedState['images']): readonly ExaminedBuild[] {
  const list = createStepList();
  for (const [name, service] of Object.entries(stack.services)) {
    const { build } = service;
    const image = imageOf(stack, name, service);
    if (build === undefined || images[image] === undefined || !isTakenAsItIs(service)) continue;
    addBuild(list, stack, image, { builder: name, build, because: 'it is looked at' });
  }
  const builds = list.steps.flatMap(({ action }) => (action.kind === 'build-image' ? [action] : []));
  return builds.flatMap((build) => {
    const imageId = images[build.image]?.id;
    return imageId === undefined ? [] : [{ build, imageId, aside: seenDirectly(stack, build) }];
  });
}

/** What its containers mount from this machine; and the files of the stack, whose changes have effects of their own. */
function seenDirectly(stack: Stack, { service }: BuildImage): readonly string[] {
  const { volumes = [] } = stack.services[service] ?? {};
  return [...stack.files, ...volumes.flatMap((mount) => (mount.type === 'bind' ? [mount.source] : []))];
}
