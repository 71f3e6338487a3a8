import { composeVersion, label } from '../model/labels.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Plan, StepId } from '../model/plan.ts';
import { imageOf, type Service, type Stack, type StringMap } from '../model/stack.ts';
import type { Decision, ObtainImage } from './decide.ts';
import { createStepList, type StepList } from './steps.ts';
import { refuseBuild } from './unsupported.ts';

export interface FreshImagesOptions {
  /** Build all that can be built, or nothing at all, or some services; absent: as each service says. */
  readonly build?: boolean | readonly string[] | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * Images to obtain although they are there: those that `pull_policy` wants fresh, and with `build` all that can be built.
 * Whether a container has to be replaced is known only after that, so this is a plan of its own.
 */
export function planFreshImages(
  stack: Stack,
  observed: Pick<ObservedState, 'images'>,
  options: FreshImagesOptions,
): Plan {
  const list = createStepList();
  for (const [name, service] of Object.entries(stack.services)) {
    const image = imageOf(stack, name, service);
    const { build, pull_policy: policy } = service;
    const isAsked = typeof options.build === 'object' ? options.build.includes(name) : options.build === true;
    if (build !== undefined && options.build !== false && (isAsked || policy === 'build')) {
      const because = isAsked ? 'a build was asked for' : 'pull_policy is build';
      addBuild(list, stack, image, { builder: name, build, because });
    } else if (service.image !== undefined && isStale(policy, observed.images[image]?.tagged, options.now)) {
      if (policy !== 'always' && observed.images[image] === undefined) continue;
      // What cannot be pulled may still be built.
      addPull(list, name, service, image, `pull_policy is ${policy}`, { optional: build !== undefined });
    }
  }
  return { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings: [] };
}

/** Whether a policy wants an image anew that got its name at some time. */
function isStale(policy: string | undefined, tagged: number | undefined, now: number): boolean {
  if (policy === 'always') return true;
  const longest = longestAge(policy);
  return longest !== undefined && now > (tagged ?? 0) + longest;
}

/** How old an image may become, in seconds; undefined: its age does not matter. */
function longestAge(policy: string | undefined): number | undefined {
  const units: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
  if (policy === 'refresh') return 0;
  if (policy === 'daily') return units.d;
  if (policy === 'weekly') return units.w;
  if (policy?.startsWith('every_') !== true) return undefined;
  const parts = policy.matchAll(/(\d+)([wdhms])/g);
  return [...parts].reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0), 0);
}

/** The step after which the image of a service is there, if it is not there already. */
export function planImage(list: StepList, stack: Stack, decision: Decision): StepId | undefined {
  const { name, service, image, obtainImage: obtain } = decision;
  if (obtain === undefined) return undefined;
  if (obtain.by === 'build') return addBuild(list, stack, image, obtain);
  return addPull(list, name, service, image, obtain.because);
}

/**
 * The step after which an image is there that a service needs besides its own: of a hook, or to be mounted. It is built if
 * another service is built under that name. Undefined if it is there, or if it is not known what is there.
 */
export function planOtherImage(
  list: StepList,
  stack: Stack,
  images: ObservedState['images'] | undefined,
  name: string,
  image: string,
  path: string,
): StepId | undefined {
  const service = stack.services[name] ?? {};
  if (images === undefined || images[image] !== undefined || service.pull_policy === 'never')
    return undefined;
  const [builder, { build } = {}] =
    Object.entries(stack.services).find(
      ([other, one]) => one.build !== undefined && imageOf(stack, other, one) === image,
    ) ?? [];
  if (builder !== undefined && build !== undefined)
    return addBuild(list, stack, image, { builder, build, because: 'the image does not exist' });
  return addPull(list, name, service, image, 'the image is not on this machine', { path });
}

/** The steps after which the images are there that a service mounts. */
export function planMountedImages(
  list: StepList,
  stack: Stack,
  images: ObservedState['images'],
  name: string,
  { volumes = [] }: Service,
): readonly (StepId | undefined)[] {
  return volumes.map((mount, index) => {
    if (mount.type !== 'image' || mount.source === undefined) return undefined;
    const path = `services.${name}.volumes[${index}].source`;
    return planOtherImage(list, stack, images, name, mount.source, path);
  });
}

export function addPull(
  list: StepList,
  name: string,
  service: Service,
  image: string,
  because: string,
  { optional = false, path }: { readonly optional?: boolean; readonly path?: string } = {},
): StepId {
  const platform = service.platform === undefined ? {} : { platform: service.platform };
  const pull = {
    kind: 'pull-image',
    service: name,
    image,
    ...platform,
    ...(path === undefined ? {} : { path }),
    ...(optional && { optional }),
  } as const;
  return list.add(pull, because, path ?? `services.${name}.image`);
}

export function addBuild(
  list: StepList,
  stack: Stack,
  image: string,
  { builder, build, because }: Omit<Extract<ObtainImage, { by: 'build' }>, 'by'>,
): StepId {
  refuseBuild(stack, builder, build);
  const platform = stack.services[builder]?.platform;
  const labels = {
    ...build.labels,
    [label.project]: stack.name,
    [label.service]: builder,
    [label.version]: composeVersion,
  };
  const action = { kind: 'build-image', service: builder, image, build, labels } as const;
  return list.add(
    { ...action, ...(platform === undefined ? {} : { platform }) },
    because,
    `services.${builder}.build`,
  );
}

export interface PullOptions {
  /** That an image cannot be had is no failure. */
  readonly ignoreFailures: boolean;
  /** Leave out what can be built. */
  readonly ignoreBuildable: boolean;
}

/** Pulls the images of services anew, as far as their policies let. */
export function planPull(stack: Stack, observed: Pick<ObservedState, 'images'>, options: PullOptions): Plan {
  const list = createStepList();
  for (const [name, service] of Object.entries(stack.services)) {
    const { image, build, pull_policy: policy } = service;
    if (image === undefined || policy === 'never' || policy === 'build') continue;
    const isMissing = observed.images[image] === undefined || isLatest(image);
    if ((policy === 'missing' || policy === 'if_not_present') && !isMissing) continue;
    if (build !== undefined && options.ignoreBuildable) continue;
    addPull(list, name, service, image, 'it was asked for', { optional: options.ignoreFailures });
  }
  return { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings: [] };
}

/** What moves on by itself is looked for anew whenever images are pulled, as with Docker Compose. */
function isLatest(image: string): boolean {
  return !image.includes('@') && /(?:^|\/)[^/:]+(?::latest)?$/.test(image);
}

/** Pushes the images that services build and name, with all the names they give them. */
export function planPush(stack: Stack, { ignoreFailures }: { readonly ignoreFailures: boolean }): Plan {
  const list = createStepList();
  for (const [name, service] of Object.entries(stack.services))
    addPushes(list, name, service, ignoreFailures);
  return { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings: [] };
}

function addPushes(
  list: StepList,
  name: string,
  { image, build }: Service,
  optional: boolean,
  after: readonly StepId[] = [],
): void {
  if (image === undefined || build === undefined) return;
  for (const tag of [image, ...(build.tags ?? [])]) {
    const push = { kind: 'push-image', service: name, image: tag, ...(optional && { optional }) } as const;
    list.add(push, 'it was asked for', `services.${name}.image`, after);
  }
}

export interface BuildOptions {
  /** They beat those of the file. */
  readonly args: StringMap;
  readonly noCache: boolean;
  /** Look for newer base images. */
  readonly pull: boolean;
  readonly push: boolean;
}

/** Builds the images of all services that can be built. */
export function planBuild(stack: Stack, options: BuildOptions): Plan {
  const list = createStepList();
  for (const [name, service] of Object.entries(stack.services)) {
    if (service.build === undefined) continue;
    const build = {
      ...service.build,
      args: { ...service.build.args, ...options.args },
      ...(options.noCache && { no_cache: true }),
      ...(options.pull && { pull: true }),
    };
    const image = imageOf(stack, name, service);
    const built = addBuild(list, stack, image, { builder: name, build, because: 'it was asked for' });
    if (options.push) addPushes(list, name, service, false, [built]);
  }
  return { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings: [] };
}
