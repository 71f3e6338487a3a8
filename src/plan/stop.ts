import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { Plan, StepId } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import { imageOf, type Stack } from '../model/stack.ts';
import { endCopies } from './broken-copies.ts';
import { dependenciesOfContainer, refOf } from './existing.ts';
import { addHooks } from './hooks.ts';
import { addWithdrawals } from './provided.ts';
import { stopForGood } from './retire.ts';
import { createStepList, type StepList } from './steps.ts';
import {
  anonymousVolumesOf,
  type Going,
  type Keeping,
  keepVolumes,
  keptBefore,
  removeVolumes,
} from './trash.ts';

export interface StopOptions {
  /** Whose containers; absent: all of the project. */
  readonly services?: readonly string[] | undefined;
  /** Seconds until what has not stopped is killed; absent: what each container was created with. */
  readonly timeout?: number | undefined;
  /** End the processes at once instead of asking them to stop. */
  readonly force?: boolean;
  /** Whose hooks are run before; absent: the file is not known. */
  readonly stack?: Pick<Stack, 'services'> | undefined;
}

export interface DownOptions {
  readonly services?: readonly string[];
  readonly removeOrphans?: boolean;
  /** Also the stack's volumes with their data, and anonymous ones. */
  readonly volumes?: boolean;
  /** Also images: those that were built for the stack, or all of its services. */
  readonly images?: 'local' | 'all' | undefined;
  /** See `StopOptions`. */
  readonly timeout?: number | undefined;
  /** What is kept of volumes that go; absent: nothing, as with Docker Compose. */
  readonly keeping?: Keeping | undefined;
}

type Project = Pick<Stack, 'name' | 'directory'>;

/** Stops what runs, dependants before what they depend on; with `force` all at once. */
export function planStop(
  project: Project,
  observed: Pick<ObservedState, 'containers'>,
  options: StopOptions,
): Plan {
  const list = createStepList();
  const containers = observed.containers.filter(
    (container) => isAlive(container) && (options.services?.includes(container.service) ?? true),
  );
  if (options.force === true) {
    for (const container of containers) {
      const action = { kind: 'kill-container', container: refOf(container), id: container.id } as const;
      list.add(action, 'it was asked for', `services.${container.service}`);
    }
  } else {
    stopInOrder(list, containers, 'it was asked for', { ...options, among: observed.containers });
  }
  return { stack: project, steps: list.steps, warnings: [] };
}

const goingDownBecause = 'the stack goes down';

/**
 * Removes a project: containers, then networks, and if asked for volumes and images. Works from what the engine has, by
 * labels; the stack adds what labels cannot tell: volumes that were not created by us. Without a stack all services count.
 */
export function planDown(
  project: Project,
  stack: Stack | undefined,
  found: ObservedState,
  options: DownOptions,
): Plan {
  const list = createStepList();
  const { observed, ended } = endCopies(list, found, project.name);
  const containers = goingDown(observed, stack, options);
  const stays = observed.containers.filter((container) => !containers.includes(container));
  // What is kept of volumes is taken between the two.
  const isKeeping = options.volumes === true && options.keeping !== undefined;
  const runsOn = stays.some((container) => !container.oneOff && isAlive(container));
  const stopped = stopInOrder(list, containers.filter(isAlive), goingDownBecause, {
    timeout: options.timeout,
    stack,
    among: observed.containers,
    removing: isKeeping || runsOn ? undefined : { volumes: options.volumes === true },
  });
  const rest = without(containers, observed, stack, options);
  const quiet = [...stopped.values(), ...ended.values()];
  const going =
    options.volumes === true
      ? goingVolumes(stack, rest, { containers, stays }, options).map((volume) => ({
          ...volume,
          project: project.name,
          quiet,
        }))
      : [];
  const kept = keepVolumes(list, going, options.keeping);
  const gone = new Map(
    containers.map((container) => {
      const action = {
        kind: 'remove-container',
        container: refOf(container),
        id: container.id,
        volumes: options.volumes === true,
      } as const;
      const after = [stopped.get(container.id), ...keptBefore(container, kept)];
      return [container, list.add(action, goingDownBecause, `services.${container.service}`, after)] as const;
    }),
  );
  const names = options.services ?? [];
  for (const hook of (observed.hookContainers ?? []).filter(({ service }) => isNamed(service, options))) {
    const action = { kind: 'remove-container', container: refOf(hook), id: hook.id, volumes: true } as const;
    gone.set(hook, list.add(action, 'its hook failed', `services.${hook.service}.pre_start`));
  }
  const removed = [...gone.values()];
  addWithdrawals(list, stack, names, removed);
  removeNetworks(list, stack, rest, gone, project.name);
  removeVolumes(
    list,
    going.map((volume) => ({ ...volume, free: [...removed, ...ended.values()] })),
    kept,
  );
  if (options.images !== undefined) removeBuilt(list, rest, options, removed, project.name);
  if (options.images === 'all') removeImages(list, stack, containers, options, removed);
  return { stack: project, steps: list.steps, warnings: switchedOff(observed, stack, containers) };
}

/**
 * What may go besides the containers. With some services only, what other containers of the project use stays, also
 * those that do not run, and so do volumes that the services do not mount.
 */
function without(
  removed: readonly ObservedContainer[],
  observed: ObservedState,
  stack: Stack | undefined,
  { services = [] }: DownOptions,
): ObservedState {
  if (services.length === 0) return observed;
  const stays = observed.containers.filter((container) => !removed.includes(container));
  const inUse = new Set(stays.flatMap(({ networks }) => networks.map(({ name }) => name)));
  const mounted = (containers: readonly ObservedContainer[]): ReadonlySet<string | undefined> =>
    new Set(containers.flatMap(({ mounts }) => mounts.map(({ name }) => name)));
  const declared = services.flatMap((name) =>
    (stack?.services[name]?.volumes ?? []).map((mount) =>
      mount.type === 'volume' ? stack?.volumes[mount.source ?? '']?.name : undefined,
    ),
  );
  const theirs = new Set([...mounted(removed), ...declared]);
  const others = mounted(stays);
  return {
    ...observed,
    networks: observed.networks.filter(({ name }) => !inUse.has(name)),
    volumes: observed.volumes.filter(({ name }) => theirs.has(name) && !others.has(name)),
  };
}

/** Each goes as soon as no container that is removed is on it any more. */
function removeNetworks(
  list: StepList,
  stack: Stack | undefined,
  { networks }: ObservedState,
  gone: ReadonlyMap<ObservedContainer, StepId>,
  project: string,
): void {
  for (const { name, id, labels } of networks) {
    const key = labels[label.network];
    // One that was made by others is only used.
    if (labels[label.project] !== project || !isOwn(stack?.networks, name, key)) continue;
    const after = [...gone].flatMap(([{ networks: joined }, step]) =>
      // Some engines do not tell the networks of what has ended.
      joined.length === 0 || joined.some((network) => network.name === name) ? step : [],
    );
    const action = { kind: 'remove-network', name, id, ifUsed: 'keep' } as const;
    list.add(action, goingDownBecause, `networks.${key}`, after);
  }
}

/** With a file only what it declares is removed, as Docker Compose does: two folders of the same name share a project. */
function isOwn(
  declared: Stack['networks'] | Stack['volumes'] | undefined,
  name: string,
  key: string | undefined,
): boolean {
  if (declared === undefined) return key !== undefined;
  return Object.values(declared).some((object) => object.name === name && object.external !== true);
}

function removeBuilt(
  list: StepList,
  { images }: ObservedState,
  options: DownOptions,
  after: readonly StepId[],
  project: string,
): void {
  for (const [image, { labels }] of Object.entries(images)) {
    const service = labels[label.service];
    if (service === undefined || labels[label.project] !== project) continue;
    if (!isNamed(service, options)) continue;
    const because = 'it was built for this stack';
    list.add({ kind: 'remove-image', image }, because, `services.${service}.build`, after);
  }
}

/** Volumes that go with a project: those of its file, and anonymous ones of its containers, which the engine else removes. */
function goingVolumes(
  stack: Stack | undefined,
  observed: ObservedState,
  among: Parameters<typeof anonymousVolumesOf>[0],
  { keeping }: DownOptions,
): readonly Pick<Going, 'name' | 'path' | 'because'>[] {
  const because = 'its data is no longer wanted';
  const declared = observed.volumes.flatMap(({ name, labels }) => {
    const key = labels[label.volume];
    return isOwn(stack?.volumes, name, key) ? [{ name, path: `volumes.${key}`, because }] : [];
  });
  return keeping === undefined ? declared : [...declared, ...anonymousVolumesOf(among, stack, keeping)];
}

/** As with Docker Compose, what a profile has started stays if the profile is not on; that is easily overlooked. */
function switchedOff(
  { containers }: ObservedState,
  stack: Stack | undefined,
  going: readonly ObservedContainer[],
): readonly Problem[] {
  const off = stack?.disabledServices ?? [];
  const staying = containers.filter(
    (container) => !container.oneOff && off.includes(container.service) && !going.includes(container),
  );
  if (staying.length === 0) return [];
  return [
    {
      code: 'orphan-containers',
      severity: 'warning',
      message: `the profiles of ${staying.map(({ name }) => name).join(', ')} are off, so they stay`,
      hint: 'switch them on to take them down, too: stack --profile "*" down',
    },
  ];
}

/** Also images that were pulled. Without a stack they are those that the containers were made of. */
function removeImages(
  list: StepList,
  stack: Stack | undefined,
  containers: readonly ObservedContainer[],
  options: DownOptions,
  after: readonly StepId[],
): void {
  const images =
    stack === undefined
      ? containers.map(({ service, image }) => [service, image] as const)
      : Object.entries(stack.services).map(
          ([name, service]) => [name, imageOf(stack, name, service)] as const,
        );
  for (const [service, image] of images) {
    if (!isNamed(service, options)) continue;
    list.add({ kind: 'remove-image', image }, 'it is no longer wanted', `services.${service}.image`, after);
  }
}

function isNamed(service: string, { services = [] }: DownOptions): boolean {
  return services.length === 0 || services.includes(service);
}

/** As with Docker Compose, without a stack what depends on the services goes too: it is all that is known of them. */
function goingDown(
  { containers }: ObservedState,
  stack: Stack | undefined,
  options: DownOptions,
): readonly ObservedContainer[] {
  const { services = [], removeOrphans = false } = options;
  if (services.length === 0) {
    if (stack === undefined || removeOrphans) return containers;
    return containers.filter(({ service, oneOff }) => !oneOff && stack.services[service] !== undefined);
  }
  if (stack !== undefined) return containers.filter(({ service }) => services.includes(service));
  const going = new Set(services);
  for (const service of going) {
    for (const other of containers) if (dependsOn(other, service)) going.add(other.service);
  }
  return containers.filter(({ service }) => going.has(service));
}

export interface StopInOrderOptions extends Pick<StopOptions, 'timeout' | 'stack'> {
  /** They are removed next, with their anonymous volumes or without. */
  readonly removing?: { readonly volumes: boolean } | undefined;
  /** All that there are: what does not run tells the order of what it stands between. */
  readonly among: readonly ObservedContainer[];
}

/**
 * Gives, by container id, the step after which it has stopped. Order is read from the labels, so no file is needed; with
 * one, services without a container count as well.
 */
export function stopInOrder(
  list: StepList,
  containers: readonly ObservedContainer[],
  because: string,
  { timeout, stack, among, removing }: StopInOrderOptions,
): ReadonlyMap<string, StepId> {
  const dependantsOf = dependantsAmong(containers, among, stack);
  const stopped = new Map<string, StepId>();
  const visited = new Set<ObservedContainer>();
  const visit = (container: ObservedContainer): void => {
    if (visited.has(container)) return;
    visited.add(container);
    const dependants = dependantsOf(container.service);
    for (const dependant of dependants) visit(dependant);
    // Labels written by others may be circular: a dependant that is still being visited is not waited for.
    const before = dependants.map((dependant) => stopped.get(dependant.id));
    const step = list.add(
      {
        kind: 'stop-container',
        container: refOf(container),
        id: container.id,
        ...(timeout === undefined ? {} : { timeout }),
        ...(removing !== undefined && stopForGood(container, removing.volumes, timeout)),
      },
      because,
      `services.${container.service}`,
      addHooks(list, container.oneOff ? undefined : stack, refOf(container), 'pre_stop', before),
    );
    stopped.set(container.id, step);
  };
  for (const container of containers) visit(container);
  return stopped;
}

/** The containers that depend on a service; where none of a dependant are among them, those that depend on that. */
function dependantsAmong(
  containers: readonly ObservedContainer[],
  among: readonly ObservedContainer[],
  stack: Pick<Stack, 'services'> | undefined,
): (service: string) => readonly ObservedContainer[] {
  const dependants = new Map<string, Set<string>>();
  const note = (service: string, dependencies: object): void => {
    for (const other of Object.keys(dependencies))
      dependants.set(other, (dependants.get(other) ?? new Set()).add(service));
  };
  for (const container of among) note(container.service, dependenciesOfContainer(container));
  const known = new Set(among.map(({ service }) => service));
  for (const [name, { depends_on = {} }] of Object.entries(stack?.services ?? {}))
    if (!known.has(name)) note(name, depends_on);
  return (service) => {
    const found: ObservedContainer[] = [];
    const passed = new Set([service]);
    // Grows while it is walked.
    for (const one of passed) {
      for (const name of dependants.get(one) ?? []) {
        const own = containers.filter((container) => container.service === name);
        if (own.length === 0) passed.add(name);
        found.push(...own.filter((container) => !found.includes(container)));
      }
    }
    return found;
  };
}

function dependsOn(container: ObservedContainer, service: string): boolean {
  return dependenciesOfContainer(container)[service] !== undefined;
}
