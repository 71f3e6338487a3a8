import type { BuildImage } from '../model/plan.ts';
import { ProblemsError } from '../model/problem.ts';
import type { ExaminedBuild } from '../model/runtime.ts';
import { imageOf, type Service, type Stack } from '../model/stack.ts';
import { addBuild } from './images.ts';
import { createStepList } from './steps.ts';

/**
 * The builds of which it is to be found out whether images that are there are those they would make now, and the builds
 * that these use. What is pulled as a policy says is as it is pulled.
 */
export function examinedBuilds(stack: Stack): readonly ExaminedBuild[] {
  const builds = new Map<string, BuildImage>();
  for (const [name, service] of Object.entries(stack.services)) {
    const { build } = service;
    const image = imageOf(stack, name, service);
    if (build === undefined || !isTakenAsItIs(service)) continue;
    // One of its own for each: several may build images of one name.
    const list = createStepList();
    try {
      addBuild(list, stack, image, { builder: name, build, because: 'it is looked at' });
    } catch (error) {
      // What cannot be built is told once it is to be built; until then the image that is there will do.
      if (!(error instanceof ProblemsError)) throw error;
    }
    for (const { action } of list.steps)
      if (action.kind === 'build-image') builds.set(action.service, action);
  }
  return [...builds.values()].map((build) => ({ build, aside: seenDirectly(stack, build) }));
}

/** No policy makes it fresh by itself. */
function isTakenAsItIs({ pull_policy: policy = 'missing' }: Service): boolean {
  return ['missing', 'if_not_present', 'never'].includes(policy);
}

/** What its containers mount from this machine; and the files of the stack, whose changes have effects of their own. */
function seenDirectly(stack: Stack, { service }: BuildImage): readonly string[] {
  const { volumes = [] } = stack.services[service] ?? {};
  return [...stack.files, ...volumes.flatMap((mount) => (mount.type === 'bind' ? [mount.source] : []))];
}
