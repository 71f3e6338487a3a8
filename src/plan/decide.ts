import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { ContainerRef } from '../model/plan.ts';
import { type Build, imageOf, type Service, type Stack } from '../model/stack.ts';
import { containerRef, identityLabels } from './container.ts';
import { inDependencyOrder } from './order.ts';

/** What becomes of one service, and why. Deciding comes before any step is written down. */
export interface Decision {
  readonly name: string;
  readonly service: Service;
  readonly image: string;
  readonly obtainImage: ObtainImage | undefined;
  readonly replica: ReplicaDecision;
  /** Containers that stand in the way: surplus replicas and remains of an interrupted replacement. */
  readonly surplus: readonly { readonly container: ObservedContainer; readonly because: string }[];
}

export type ObtainImage =
  | { readonly by: 'pull'; readonly because: string }
  /** Another service may be the one that builds the image this one runs. */
  | { readonly by: 'build'; readonly because: string; readonly builder: string; readonly build: Build };

export type ReplicaDecision = { readonly ref: ContainerRef } & (
  | { readonly verdict: 'create'; readonly because: string }
  | { readonly verdict: 'replace'; readonly because: string; readonly current: ObservedContainer }
  | { readonly verdict: 'restart'; readonly because: string; readonly current: ObservedContainer }
  | { readonly verdict: 'start'; readonly because: string; readonly current: ObservedContainer }
  | { readonly verdict: 'keep'; readonly current: ObservedContainer }
);

export interface DecideOptions {
  /** Services to build anew and replace whatever their image turns out to be; by name, with the reason. */
  readonly rebuild?: Readonly<Record<string, string>>;
  readonly forceRecreate?: boolean;
  /** Leave containers alone that have ended: a finished job is not to run again because a file of another service changed. */
  readonly leaveEnded?: boolean;
  /** Engine names of networks that are made anew in the same plan. */
  readonly replacedNetworks?: ReadonlySet<string>;
}

/** Decides for each service, dependencies first: a replaced dependency may ask for a restart of its dependants. */
export function decide(stack: Stack, observed: ObservedState, options: DecideOptions): readonly Decision[] {
  const decisions = new Map<string, Decision>();
  for (const name of inDependencyOrder(stack.services)) {
    const service = stack.services[name];
    if (service !== undefined)
      decisions.set(name, decideService(stack, observed, options, name, service, decisions));
  }
  return [...decisions.values()];
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
  const ref = containerRef(stack, name, service, 1);
  const existing = observed.containers.filter((container) => container.service === name && !container.oneOff);
  const current =
    existing.find((container) => container.name === ref.name) ??
    existing.find((container) => container.number === ref.number);
  const surplus = existing
    .filter((container) => container !== current)
    .map((container) => ({
      container,
      because:
        container.number === ref.number
          ? 'it is left over from an interrupted replacement'
          : 'the file asks for one container',
    }));

  const replica = ((): ReplicaDecision => {
    if (current === undefined) return { ref, verdict: 'create', because: 'it does not exist' };
    const stale = reasonToReplace(stack, observed, options, service, image, obtainImage, current);
    if (stale !== undefined) return { ref, verdict: 'replace', because: stale, current };
    if (!isAlive(current)) {
      if (options.leaveEnded === true) return { ref, verdict: 'keep', current };
      return { ref, verdict: 'start', because: `it is ${current.state}`, current };
    }
    const cause = replacedDependency(service, earlier);
    if (cause !== undefined) return { ref, verdict: 'restart', because: `${cause} is replaced`, current };
    return { ref, verdict: 'keep', current };
  })();
  return { name, service, image, obtainImage, replica, surplus };
}

function decideImage(
  stack: Stack,
  observed: ObservedState,
  options: DecideOptions,
  name: string,
  service: Service,
  image: string,
): ObtainImage | undefined {
  const present = observed.images[image] !== undefined;
  const builder = builderOf(stack, name, image);
  const build = stack.services[builder ?? '']?.build;
  if (builder !== undefined && build !== undefined) {
    const because = options.rebuild?.[builder] ?? (present ? undefined : 'the image does not exist');
    return because === undefined ? undefined : { by: 'build', because, builder, build };
  }
  if (present || service.pull_policy === 'never') return undefined;
  return { by: 'pull', because: 'the image is not on this machine' };
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
  if (options.forceRecreate === true) return 'it was asked for';
  if (obtainImage?.by === 'build' && options.rebuild?.[obtainImage.builder] !== undefined)
    return obtainImage.because;
  if (current.state === 'dead' || current.state === 'removing') return `it is ${current.state}`;
  const wanted = identityLabels(stack, service);
  if (current.labels[label.configHash] !== wanted[label.configHash]) return 'its configuration changed';
  const injected = current.labels[label.discovery];
  if (injected !== undefined && injected !== wanted[label.discovery])
    return 'the address of a service it uses changed';
  if (obtainImage !== undefined && observed.images[image] === undefined) return `the image ${image} is new`;
  const imageId = observed.images[image]?.id;
  if (imageId !== undefined && (current.labels[label.image] ?? current.imageId) !== imageId) {
    return `there is a newer image ${image}`;
  }
  return reasonOfNetworks(stack, options, service, current) ?? reasonOfVolumes(stack, service, current);
}

function reasonOfNetworks(
  stack: Stack,
  options: DecideOptions,
  service: Service,
  current: ObservedContainer,
): string | undefined {
  const attached = new Set(current.networks.map((network) => network.name));
  for (const key of Object.keys(service.networks ?? {})) {
    const name = stack.networks[key]?.name ?? key;
    if (options.replacedNetworks?.has(name) === true) return `network ${name} changed`;
    if (current.state === 'running' && !attached.has(name)) return `it is not attached to network ${name}`;
  }
  return undefined;
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
    const verdict = earlier.get(name)?.replica.verdict;
    return dependency.restart === true && (verdict === 'replace' || verdict === 'restart');
  })?.[0];
}
