import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { ContainerRef, ReplaceOrder } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import { type Build, imageOf, originOf, type Service, type Stack, type StackPath } from '../model/stack.ts';
import { containerRef, identityLabels, isTemporary } from './container.ts';
import { discover } from './discovery.ts';
import { refOf } from './existing.ts';
import { inDependencyOrder } from './order.ts';
import { placeAfter } from './place.ts';
import { type Replacement, replacementOf } from './replace.ts';
import { sharedWith, withContainers } from './sharing.ts';

/** What becomes of one service, and why. Deciding comes before any step is written down. */
export interface Decision {
  readonly name: string;
  readonly service: Service;
  readonly image: string;
  readonly obtainImage: ObtainImage | undefined;
  /** One for each container there is to be, in the order of their numbers. */
  readonly replicas: readonly ReplicaDecision[];
  /** Containers that stand in the way: surplus replicas and remains of an interrupted replacement. */
  readonly surplus: readonly { readonly container: ObservedContainer; readonly because: string }[];
}

export type ObtainImage =
  | { readonly by: 'pull'; readonly because: string }
  /** Another service may be the one that builds the image this one runs. */
  | { readonly by: 'build'; readonly because: string; readonly builder: string; readonly build: Build };

export type ReplicaDecision = { readonly ref: ContainerRef } & (
  | { readonly verdict: 'create'; readonly because: string }
  | {
      readonly verdict: 'replace';
      readonly because: string;
      readonly current: ObservedContainer;
      readonly replacement: Replacement;
    }
  | { readonly verdict: 'restart'; readonly because: string; readonly current: ObservedContainer }
  | { readonly verdict: 'start'; readonly because: string; readonly current: ObservedContainer }
  | { readonly verdict: 'keep'; readonly current: ObservedContainer }
);

export interface DecideOptions {
  /** Services to build anew and replace whatever their image turns out to be; by name, with the reason. */
  readonly rebuild?: Readonly<Record<string, string>>;
  /** Replace the chosen services even if nothing changed. */
  readonly forceRecreate?: boolean;
  /** The same for what they depend on. */
  readonly recreateDependencies?: boolean;
  /** Replace nothing, whatever changed. */
  readonly noRecreate?: boolean;
  /** Absent: all. */
  readonly chosen?: readonly string[];
  /** Build nothing, even if an image is missing. */
  readonly noBuild?: boolean;
  /**
   * Leave containers alone that have ended: a finished job is not to run again because a file of another service changed.
   * What has never been started is.
   */
  readonly leaveEnded?: boolean;
  /**
   * The services it is about. Others keep their containers as they are, however those were made, unless one of these that
   * is made anew asks for more: by what they share, by `restart`, or because they have waited for it. Absent: all.
   */
  readonly only?: readonly string[];
  /** Services of whose configuration a part is not known yet: what changed of it cannot be told. */
  readonly undetermined?: ReadonlySet<string>;
  readonly changedContents?: ChangedContents;
  /** How services are replaced that do not say it themselves; absent: as Docker Compose does it, `stop-first`. */
  readonly replaceOrder?: ReplaceOrder | undefined;
  /** Engine names of networks that are made anew in the same plan. */
  readonly replacedNetworks?: ReadonlySet<string>;
  /** The same of volumes. */
  readonly replacedVolumes?: ReadonlySet<string>;
}

/** By container id, the path in the stack of a config or secret whose content it does not have as it is now. */
export type ChangedContents = Readonly<Record<string, StackPath>>;

/** Why what an interrupted replacement left is not taken as it is. */
export const interruptedReplacement = 'an earlier replacement was interrupted';

/** All that the labels tell of a changed configuration. */
export const configurationChanged = 'its configuration changed';

/** All that the labels tell of changed variables that the file does not set. */
export const discoveryChanged = 'what it is told of the services it uses changed';

/** Decides for each service, dependencies first: a replaced dependency may ask for a restart of its dependants. */
export function decide(stack: Stack, observed: ObservedState, options: DecideOptions): readonly Decision[] {
  const decisions = new Map<string, Decision>();
  for (const name of inDependencyOrder(stack.services)) {
    const service = stack.services[name];
    if (service === undefined) continue;
    const decideOne = options.only?.includes(name) === false ? decideOther : decideService;
    decisions.set(name, decideOne(stack, observed, options, name, service, decisions));
  }
  return [...decisions.values()];
}

/** What becomes of a service that it is not about. */
function decideOther(
  stack: Stack,
  observed: ObservedState,
  options: DecideOptions,
  name: string,
  service: Service,
  earlier: ReadonlyMap<string, Decision>,
): Decision {
  const image = imageOf(stack, name, service);
  const peer = [...sharedWith(service)].find(([other]) => isMadeAnew(earlier.get(other)));
  const shared = peer === undefined ? undefined : sharedIsMadeAnew(...peer);
  const cause = replacedDependency(service, earlier);
  const waitsFor = Object.keys(service.depends_on ?? {}).find((other) => isMadeAnew(earlier.get(other)));
  const replicas = containersOf(observed.containers, name).map((current): ReplicaDecision => {
    const ref = refOf(current);
    const final = containerRef(stack, name, service, current.number);
    if (shared !== undefined) {
      const replacement = replacementOf(stack, name, service, current, {
        containers: observed.containers,
        usual: options.replaceOrder ?? 'stop-first',
      });
      return { ref: final, verdict: 'replace', because: shared, current, replacement };
    }
    if (cause !== undefined && isAlive(current))
      return { ref, verdict: 'restart', because: `${cause} is replaced`, current };
    if (waitsFor !== undefined && current.state === 'created')
      return { ref, verdict: 'start', because: `it is ${current.state}`, current };
    return { ref, verdict: 'keep', current };
  });
  const obtainImage =
    shared === undefined ? undefined : decideImage(stack, observed, options, name, service, image);
  return { name, service, image, obtainImage, replicas, surplus: [] };
}

function isMadeAnew(decision: Decision | undefined): boolean {
  return decision?.replicas.some(({ verdict }) => verdict === 'create' || verdict === 'replace') ?? false;
}

function decideService(
  stack: Stack,
  observed: ObservedState,
  options: DecideOptions,
  name: string,
  service: Service,
  earlier: ReadonlyMap<string, Decision>,
): Decision {
  const image = imageOf(stack, name, service);
  const obtainImage = decideImage(stack, observed, options, name, service, image);
  const existing = containersOf(observed.containers, name);
  const shared = sharedContainers(service, earlier, observed.containers);
  const isForced = isChosen(options, name) ? options.forceRecreate : options.recreateDependencies;
  const staleness = (current: ObservedContainer) => {
    if (options.noRecreate === true) return undefined;
    if (isForced === true) return 'it was asked for';
    if (isHalfway(current)) return interruptedReplacement;
    return (
      shared.made ?? reasonToReplace(stack, observed, options, shared.service, image, obtainImage, current)
    );
  };
  // Asked once: it takes a hash of the whole configuration.
  const reasons = new Map(existing.map((container) => [container, staleness(container)]));
  const { kept, surplus } = choose(existing, replicasOf(service), {
    refOf: (number) => containerRef(stack, name, service, number),
    isStale: (container) => reasons.get(container) !== undefined,
  });

  const found = kept.map((current): ReplicaDecision => {
    const final = containerRef(stack, name, service, current.number);
    const stale = reasons.get(current);
    if (stale !== undefined) {
      const replacement = replacementOf(stack, name, service, current, {
        containers: observed.containers,
        usual: options.replaceOrder ?? 'stop-first',
      });
      return { ref: final, verdict: 'replace', because: stale, current, replacement };
    }
    // One that was made with other separators in its name keeps that.
    const ref = isTemporary(current.name) ? final : { ...final, name: current.name };
    if (!isAlive(current)) {
      if (options.leaveEnded === true && current.state !== 'created')
        return { ref, verdict: 'keep', current };
      return { ref, verdict: 'start', because: `it is ${current.state}`, current };
    }
    const cause = replacedDependency(service, earlier);
    if (cause !== undefined) return { ref, verdict: 'restart', because: `${cause} is replaced`, current };
    if (current.state === 'paused' && options.leaveEnded !== true)
      return { ref, verdict: 'start', because: 'it is paused', current };
    return { ref, verdict: 'keep', current };
  });
  const highest = Math.max(0, ...existing.map(({ number }) => number));
  const missing = Array.from({ length: replicasOf(service) - kept.length }, (_, index): ReplicaDecision => {
    const ref = containerRef(stack, name, service, highest + 1 + index);
    return { ref, verdict: 'create', because: 'it does not exist' };
  });
  return { name, service, image, obtainImage, replicas: [...found, ...missing], surplus };
}

/** Under the name of a newcomer it has no other one, or it got names that its successor was to have. */
function isHalfway({ name, labels, state }: ObservedContainer): boolean {
  return isTemporary(name) && (labels[label.aside] !== undefined || state === 'running');
}

function isChosen({ chosen }: DecideOptions, name: string): boolean {
  return chosen?.includes(name) ?? true;
}

/** How many containers a service is to have. */
export function replicasOf({ provider, scale, deploy }: Service): number {
  // A program stands for it.
  if (provider !== undefined) return 0;
  return scale ?? deploy?.replicas ?? 1;
}

interface Choice {
  readonly kept: readonly ObservedContainer[];
  readonly surplus: Decision['surplus'];
}

/**
 * Which containers stay: as with Docker Compose those that are out of date go first, then those with the highest numbers.
 * Of two with one number the one with the final name counts, else one that is up to date.
 */
function choose(
  existing: readonly ObservedContainer[],
  wanted: number,
  { refOf, isStale }: { refOf(number: number): ContainerRef; isStale(container: ObservedContainer): boolean },
): Choice {
  const byNumber = new Map<number, ObservedContainer>();
  const isFinal = ({ name, number }: ObservedContainer) => name === refOf(number).name;
  for (const container of existing) {
    const other = byNumber.get(container.number);
    const isBetter =
      other === undefined || isFinal(container) || (!isFinal(other) && isStale(other) && !isStale(container));
    if (isBetter) byNumber.set(container.number, container);
  }
  const chosen = [...byNumber.values()]
    .map((container) => ({ container, stale: isStale(container) }))
    .toSorted((a, b) => Number(a.stale) - Number(b.stale) || a.container.number - b.container.number)
    .slice(0, wanted)
    .map(({ container }) => container);
  const surplus = existing
    .filter((container) => !chosen.includes(container))
    .map((container) => ({
      container,
      because:
        byNumber.get(container.number) === container
          ? `there ${wanted === 1 ? 'is to be one container' : `are to be ${wanted} containers`}`
          : 'it is left over from an interrupted replacement',
    }));
  return { kept: chosen.toSorted((a, b) => a.number - b.number), surplus };
}

/** The service with the ids of the containers it shares something with, or why it has to be made anew with one of them. */
function sharedContainers(
  service: Service,
  earlier: ReadonlyMap<string, Decision>,
  containers: readonly ObservedContainer[],
): { readonly service: Service; readonly made?: string } {
  const ids = new Map<string, string>();
  for (const [name, what] of sharedWith(service)) {
    const [standing] = earlier.has(name) ? [] : containersOf(containers, name);
    if (standing !== undefined) {
      ids.set(name, standing.id);
      continue;
    }
    const first = firstReplica(earlier.get(name));
    if (first === undefined || first.verdict === 'create' || first.verdict === 'replace') {
      return { service, made: sharedIsMadeAnew(name, what) };
    }
    ids.set(name, first.current.id);
  }
  return { service: withContainers(service, (name) => ids.get(name) ?? '') };
}

function sharedIsMadeAnew(service: string, what: string): string {
  return `${service}, whose ${what} it shares, is made anew`;
}

/** What there is of a service, by name. */
export function containersOf(
  containers: readonly ObservedContainer[],
  service: string,
): readonly ObservedContainer[] {
  return containers
    .filter((container) => container.service === service && !container.oneOff)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** How many replicas a service has: while one container takes the place of another there are two of one number. */
export function countOf(containers: readonly ObservedContainer[], service: string): number {
  return new Set(containersOf(containers, service).map(({ number }) => number)).size;
}

/** The container that stands for a service whose namespaces or volumes others share: the first by name. */
export function firstReplica(decision: Decision | undefined): ReplicaDecision | undefined {
  return decision?.replicas.toSorted((a, b) => (a.ref.name < b.ref.name ? -1 : 1))[0];
}

function decideImage(
  stack: Stack,
  observed: ObservedState,
  options: DecideOptions,
  name: string,
  service: Service,
  image: string,
): ObtainImage | undefined {
  if (service.provider !== undefined) return undefined;
  const present = observed.images[image] !== undefined;
  const builder = builderOf(stack, name, image);
  const build = stack.services[builder ?? '']?.build;
  if (builder !== undefined && build !== undefined) {
    const because = options.rebuild?.[builder] ?? (present ? undefined : 'the image does not exist');
    if (because === undefined) return undefined;
    if (options.noBuild !== true) return { by: 'build', because, builder, build };
    if (service.image === undefined) throw notToBeBuilt(stack, name, image);
  }
  if (present || service.pull_policy === 'never') return undefined;
  return { by: 'pull', because: 'the image is not on this machine' };
}

function notToBeBuilt(stack: Stack, service: string, image: string) {
  const path = `services.${service}.build`;
  const location = originOf(stack, path);
  return failure({
    code: 'image-not-found',
    service,
    path,
    message: `the image ${image} of ${service} does not exist, and nothing is to be built`,
    hint: `leave out --no-build, or build it first: stack build ${service}`,
    ...(location && { location }),
  });
}

/** The service whose build makes the image that a service runs: itself, or one that gives its image the same name. */
function builderOf(stack: Stack, name: string, image: string): string | undefined {
  if (stack.services[name]?.build !== undefined) return name;
  return Object.keys(stack.services).find((other) => {
    const service = stack.services[other];
    return service?.build !== undefined && imageOf(stack, other, service) === image;
  });
}

function reasonToReplace(
  stack: Stack,
  observed: ObservedState,
  options: DecideOptions,
  service: Service,
  image: string,
  obtainImage: ObtainImage | undefined,
  current: ObservedContainer,
): string | undefined {
  if (obtainImage?.by === 'build' && options.rebuild?.[obtainImage.builder] !== undefined)
    return obtainImage.because;
  if (current.state === 'dead' || current.state === 'removing') return `it is ${current.state}`;
  const told = discover(stack, current.service, stack.services[current.service] ?? service, observed.images);
  const wanted = identityLabels(stack, service, told.variables);
  const isKnown = options.undetermined?.has(current.service) !== true;
  if (isKnown && current.labels[label.configHash] !== wanted[label.configHash]) return configurationChanged;
  const content = options.changedContents?.[current.id];
  if (content !== undefined) return `${content}: content changed${placeAfter(stack, content)}`;
  const injected = current.labels[label.discovery];
  // Without a word of it another tool has made it, or does not want to know.
  if (told.open.length === 0 && injected !== undefined && (wanted[label.discovery] ?? injected) !== injected)
    return discoveryChanged;
  if (obtainImage !== undefined && observed.images[image] === undefined) return `the image ${image} is new`;
  const imageId = observed.images[image]?.id;
  if (imageId !== undefined && (current.labels[label.image] ?? current.imageId) !== imageId) {
    return `there is a newer image ${image}`;
  }
  const lost = current.mounts.find(({ name = '' }) => options.replacedVolumes?.has(name) === true);
  if (lost !== undefined) return `volume ${lost.name} changed`;
  return (
    reasonOfNetworks(stack, observed, options, service, current) ?? reasonOfVolumes(stack, service, current)
  );
}

function reasonOfNetworks(
  stack: Stack,
  { networks }: Pick<ObservedState, 'networks'>,
  options: DecideOptions,
  service: Service,
  current: ObservedContainer,
): string | undefined {
  const attached = new Set(current.networks.map((network) => network.name));
  for (const key of Object.keys(service.networks ?? {})) {
    const name = stack.networks[key]?.name ?? key;
    if (options.replacedNetworks?.has(name) === true) return `network ${name} changed`;
    // One that was created by a command which was killed may lack some; of one that has ended engines need not tell.
    const tells = current.state === 'running' || current.state === 'created';
    if (tells && !attached.has(name)) return `it is not attached to network ${name}`;
    const joined = current.networks.find((network) => network.name === name);
    const present = networks.find((network) => network.name === name);
    // A prune takes networks away from what does not run; engines start nothing whose network they do not have any more.
    if (!isAlive(current) && isNetworkId(joined?.id) && joined?.id !== present?.id)
      return `its network ${name} was removed`;
  }
  return undefined;
}

/** Some engines tell the name in its place. */
function isNetworkId(id: string | undefined): boolean {
  return /^[0-9a-f]{64}$/.test(id ?? '');
}

function reasonOfVolumes(stack: Stack, service: Service, current: ObservedContainer): string | undefined {
  const mounted = new Set(current.mounts.map((mount) => mount.name));
  for (const mount of service.volumes ?? []) {
    if (mount.type !== 'volume' || mount.source === undefined) continue;
    const name = stack.volumes[mount.source]?.name ?? mount.source;
    if (!mounted.has(name)) return `volume ${name} is not mounted`;
  }
  return undefined;
}

/** As with Docker Compose, `depends_on.restart` (which links imply) restarts a dependant when its dependency is replaced. */
function replacedDependency(service: Service, earlier: ReadonlyMap<string, Decision>): string | undefined {
  return Object.entries(service.depends_on ?? {}).find(([name, dependency]) => {
    const replicas = earlier.get(name)?.replicas ?? [];
    return (
      dependency.restart === true &&
      replicas.some(({ verdict }) => verdict === 'replace' || verdict === 'restart')
    );
  })?.[0];
}
