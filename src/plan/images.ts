import { composeVersion, label } from '../model/labels.ts';
import type { ObservedState } from '../model/observed.ts';
import type { BuildImage, BuildSecret, Plan, StepId } from '../model/plan.ts';
import { failure, type Problem } from '../model/problem.ts';
import {
  type Build,
  basesOf,
  imageOf,
  joinPath,
  originOf,
  type Service,
  type Stack,
  type StringMap,
} from '../model/stack.ts';
import type { Decision, ObtainImage } from './decide.ts';
import {
  isCertain,
  isKnownFresh,
  isOfUnknownOrigin,
  reasonToBuild,
  staleImage,
  unknownOrigin,
} from './stale.ts';
import { createStepList, type StepList } from './steps.ts';

export interface FreshImagesOptions {
  /** Build all that can be built, or nothing at all, or some services; absent: as each service says. */
  readonly build?: boolean | readonly string[] | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * Images to obtain although they are there: those that `pull_policy` wants fresh, those of which it is known that a build
 * would be made from something else now, and with `build` all that can be built but for those of which it is certain what
 * would come out.
 * Whether a container has to be replaced is known only after that, so this is a plan of its own.
 */
export function planFreshImages(
  stack: Stack,
  observed: Pick<ObservedState, 'images' | 'builds'>,
  options: FreshImagesOptions,
): Plan {
  const list = createStepList();
  const warnings: Problem[] = [];
  const unbuilt: string[] = [];
  for (const [name, service] of Object.entries(stack.services)) {
    const image = imageOf(stack, name, service);
    const { build, pull_policy: policy } = service;
    const isAsked = typeof options.build === 'object' ? options.build.includes(name) : options.build === true;
    if (isAsked && isCertain(stack, observed, name)) {
      unbuilt.push(name);
      continue;
    }
    const stale = isAsked ? undefined : reasonToBuild(stack, observed, name);
    if (stale !== undefined && options.build === false)
      warnings.push(staleImage(stack, name, stale, usedAllTheSame));
    if (isOfUnknownOrigin(observed, name, image) && !isAsked) warnings.push(unknownOrigin(stack, name));
    const because = isAsked ? 'a build was asked for' : policy === 'build' ? 'pull_policy is build' : stale;
    if (build !== undefined && options.build !== false && because !== undefined) {
      const isFresh = (base: string) => because === stale && isKnownFresh(stack, observed, base);
      addBuild(list, stack, image, { builder: name, build, because, stale: because === stale, isFresh });
    } else if (service.image !== undefined && isTooOld(policy, observed.images[image]?.tagged, options.now)) {
      if (policy !== 'always' && observed.images[image] === undefined) continue;
      // What cannot be pulled may still be built.
      addPull(list, stack, name, service, image, `pull_policy is ${policy}`, {
        optional: build !== undefined,
      });
    }
  }
  return {
    stack: { name: stack.name, directory: stack.directory },
    steps: list.steps,
    warnings,
    ...(unbuilt.length > 0 && { unbuilt }),
  };
}

const usedAllTheSame = 'it is used as it is, as nothing is to be built; leave out --no-build';

/** Whether a policy wants an image anew that got its name at some time. */
function isTooOld(policy: string | undefined, tagged: number | undefined, now: number): boolean {
  if (policy === 'always') return true;
  const longest = longestAge(policy);
  return longest !== undefined && now > (tagged ?? 0) + longest;
}

/** Whether a policy wants an image anew once time has passed. */
export function isBoundToTime(policy: string | undefined): boolean {
  return longestAge(policy) !== undefined;
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
  return addPull(list, stack, name, service, image, obtain.because);
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
  return addPull(list, stack, name, service, image, 'the image is not on this machine', { path });
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

function addPull(
  list: StepList,
  stack: Pick<Stack, 'defaultPlatform'>,
  name: string,
  service: Service,
  image: string,
  because: string,
  { optional = false, path }: { readonly optional?: boolean; readonly path?: string } = {},
): StepId {
  const platform = service.platform ?? stack.defaultPlatform;
  const pull = {
    kind: 'pull-image',
    service: name,
    image,
    ...(platform !== undefined && { platform }),
    ...(path === undefined ? {} : { path }),
    ...(optional && { optional }),
  } as const;
  return list.add(pull, because, path ?? `services.${name}.image`);
}

interface BuildWish extends Omit<Extract<ObtainImage, { by: 'build' }>, 'by'> {
  /** What the words of a command change about it, and about those that it uses. */
  readonly change?: (build: Build) => Build;
  /** Build it for all platforms that it names, not only for the one it is to run on. */
  readonly allPlatforms?: boolean;
  /** There is an image, and it would be made from something else now. */
  readonly stale?: boolean;
  /** Whether the image of another service, which it uses, is there and needs no build. */
  readonly isFresh?: (service: string) => boolean;
  readonly more?: Pick<BuildImage, 'check' | 'memory' | 'given'>;
  readonly builderOf?: (service: string) => BuildImage['builder'];
}

/** The step that builds an image, after those that build the images it uses by `service:NAME`. */
export function addBuild(list: StepList, stack: Stack, image: string, wish: BuildWish): StepId {
  return addBuildWithBases(list, stack, image, wish, []);
}

function addBuildWithBases(
  list: StepList,
  stack: Stack,
  image: string,
  wish: BuildWish,
  users: readonly string[],
): StepId {
  const { builder, build: written, because, change = (build) => build } = wish;
  const bases = basesOf(written).map(([context, name]) => {
    if (users.includes(name) || name === builder) throw circle(stack, builder, context, name);
    const service = stack.services[name] ?? stack.bases?.[name];
    if (service?.build === undefined) throw notBuilt(stack, builder, context, name);
    const base = imageOf(stack, name, service);
    const own = { ...wish, builder: name, build: service.build, because: `the build of ${builder} uses it` };
    const isThere = wish.isFresh?.(name) === true;
    const step = isThere ? undefined : addBuildWithBases(list, stack, base, own, [...users, builder]);
    return { context, base, step };
  });
  const used = Object.fromEntries(bases.map(({ context, base }) => [context, base]));
  const { platforms: _, additional_contexts: named = {}, ...build } = change(written);
  const contexts = Object.fromEntries(Object.entries(named).filter(([context]) => !(context in used)));
  const chosen = platformsOf(stack, builder, { all: wish.allPlatforms === true });
  const secrets = secretsOf(stack, builder, build);
  const elsewhere = wish.builderOf?.(builder);
  const action = {
    kind: 'build-image',
    service: builder,
    image,
    build: {
      ...build,
      ...(chosen.length > 1 && { platforms: chosen }),
      ...(Object.keys(contexts).length > 0 && { additional_contexts: contexts }),
    },
    ...(chosen.length === 1 && { platform: chosen[0] }),
    labels: {
      ...build.labels,
      [label.project]: stack.name,
      [label.service]: builder,
      [label.version]: composeVersion,
    },
    ...(bases.length > 0 && { bases: used }),
    ...(secrets.length > 0 && { secrets }),
    ...wish.more,
    ...(wish.stale === true && users.length === 0 && { stale: true as const }),
    ...(elsewhere !== undefined && { builder: elsewhere }),
  } as const;
  return list.add(
    action,
    because,
    `services.${builder}.build`,
    bases.map(({ step }) => step),
  );
}

/**
 * As with Docker Compose an image is built for the platform of its service; to be only built, for all it names. Which of
 * several it is to run on, the builder knows.
 */
export function platformsOf(
  stack: Stack,
  name: string,
  { all }: { readonly all: boolean },
): readonly string[] {
  const service = stack.services[name] ?? stack.bases?.[name];
  const { platform: written, build } = service ?? {};
  // That of the engine alone is meant where none is named, too.
  const named = build?.platforms?.every((one) => one === 'local') ? [] : (build?.platforms ?? []);
  const platform = written ?? stack.defaultPlatform;
  if (platform !== undefined && named.length > 0 && !named.includes(platform)) {
    throw problemOf(stack, name, 'platforms', {
      code: 'conflicting-keys',
      message:
        written === undefined
          ? `${name} is not built for ${platform}, which DOCKER_DEFAULT_PLATFORM asks for`
          : `${name} is not built for ${platform}, which is its platform`,
      hint: `add ${platform} to \`build.platforms\``,
    });
  }
  if (platform !== undefined && (!all || named.length === 0)) return [platform];
  return all || named.length === 1 ? named : [];
}

function secretsOf(stack: Stack, name: string, { secrets = [] }: Build): readonly BuildSecret[] {
  return secrets.map(({ source, target = source }, index) => {
    const { file, external, environment: variable } = stack.secrets[source] ?? {};
    if (external === true) {
      throw problemOf(stack, name, `secrets[${index}]`, {
        code: 'unsupported-key',
        message: `the build of ${name} wants the secret \`${source}\`, which is kept by a swarm`,
        hint: 'give it a `file` or an `environment` variable',
      });
    }
    return {
      id: target,
      from: joinPath('secrets', source),
      ...(file !== undefined && { file }),
      ...(variable && { variable }),
    };
  });
}

function circle(stack: Stack, user: string, context: string, base: string) {
  return problemOf(stack, user, joinPath('additional_contexts', context), {
    code: 'dependency-cycle',
    message: `the build of ${user} uses what ${base} builds, which itself needs ${user}`,
    hint: 'let one of them go without the other',
  });
}

function notBuilt(stack: Stack, user: string, context: string, base: string) {
  return problemOf(stack, user, joinPath('additional_contexts', context), {
    code: 'undefined-reference',
    message: `the build of ${user} uses what ${base} builds, and ${base} builds nothing`,
    hint: `give ${base} a \`build\``,
  });
}

function problemOf(
  stack: Stack,
  name: string,
  key: string,
  about: Pick<Problem, 'code' | 'message' | 'hint'>,
) {
  const path = `services.${name}.build.${key}`;
  const location = originOf(stack, path);
  return failure({ service: name, path, ...about, ...(location && { location }) });
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
    addPull(list, stack, name, service, image, 'it was asked for', { optional: options.ignoreFailures });
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
  /** `build.ssh` from the command line, besides that of the file. */
  readonly ssh?: Build['ssh'];
  /** In the place of those of the file. */
  readonly provenance?: string | undefined;
  readonly sbom?: string | undefined;
  /** Build nothing, only look the Dockerfiles over. */
  readonly check?: boolean;
  /** What builds a service; absent: the engine. */
  readonly builder?: ((service: string) => BuildImage['builder']) | undefined;
  /** Bytes that each step may use. */
  readonly memory?: number | undefined;
}

/** A build as the words of a command want it. */
export function changedBuild(
  build: Build,
  { args, noCache, pull, ssh = {}, ...options }: BuildOptions,
): Build {
  return {
    ...build,
    args: { ...build.args, ...args },
    ...(noCache && { no_cache: true }),
    ...(pull && { pull: true }),
    ...(Object.keys(ssh).length > 0 && { ssh: { ...build.ssh, ...ssh } }),
    ...(options.provenance !== undefined && { provenance: options.provenance }),
    ...(options.sbom !== undefined && { sbom: options.sbom }),
  };
}

/** Builds the images of all services that can be built. */
export function planBuild(stack: Stack, options: BuildOptions): Plan {
  const list = createStepList();
  const { check, memory } = options;
  const change = (build: Build) => changedBuild(build, options);
  const builderOf = (service: string) => options.builder?.(service);
  const given = Object.keys(options.args).map((name) => `args.${name}`);
  const more = {
    ...(check === true && { check }),
    ...(memory !== undefined && { memory }),
    ...(given.length > 0 && { given }),
  };
  for (const [name, service] of Object.entries(stack.services)) {
    const { build } = service;
    if (build === undefined) continue;
    const image = imageOf(stack, name, service);
    const wish = {
      builder: name,
      build,
      because: 'it was asked for',
      change,
      allPlatforms: true,
      more,
      builderOf,
    };
    const built = addBuild(list, stack, image, wish);
    if (options.push && check !== true) addPushes(list, name, service, false, [built]);
  }
  const warnings = memory === undefined ? [] : [withoutLimit];
  return { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings };
}

const withoutLimit: Problem = {
  code: 'no-effect',
  severity: 'warning',
  message: 'a limit of memory counts for the classic builder alone: BuildKit has none',
  hint: 'leave out --memory, or build with DOCKER_BUILDKIT=0',
};
