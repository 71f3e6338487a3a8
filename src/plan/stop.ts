import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
import type { Plan, StepId } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import { imageOf, type Stack } from '../model/stack.ts';
import { dependenciesOfContainer, refOf } from './existing.ts';
import { addHooks } from './hooks.ts';
import { addWithdrawals } from './provided.ts';
import { createStepList, type StepList } from './steps.ts';

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

/**
 * Removes a project: containers, then networks, and if asked for volumes and images. Works from what the engine has, by
 * labels; the stack adds what labels cannot tell: volumes that were not created by us. Without a stack all services count.
 */
export function planDown(
  project: Project,
  stack: Stack | undefined,
  observed: ObservedState,
  options: DownOptions,
): Plan {
  const list = createStepList();
  const containers = goingDown(observed, stack, options);
  const because = 'the stack goes down';
  const stopped = stopInOrder(list, containers.filter(isAlive), because, {
    timeout: options.timeout,
    stack,
    among: observed.containers,
  });
  const removed = containers.map((container) =>
    list.add(
      {
        kind: 'remove-container',
        container: refOf(container),
        id: container.id,
        volumes: options.volumes === true,
      },
      because,
      `services.${container.service}`,
      [stopped.get(container.id)],
    ),
  );
  const names = options.services ?? [];
  for (const hook of (observed.hookContainers ?? []).filter(({ service }) => isNamed(service, options))) {
    const action = { kind: 'remove-container', container: refOf(hook), id: hook.id, volumes: true } as const;
    removed.push(list.add(action, 'its hook failed', `services.${hook.service}.pre_start`));
  }
  addWithdrawals(list, stack, names, removed);
  const rest = without(containers, observed, stack, options);
  removeRest(list, stack, rest, options, removed, project.name);
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

function removeRest(
  list: StepList,
  stack: Stack | undefined,
  observed: ObservedState,
  options: DownOptions,
  after: readonly StepId[],
  project: string,
): void {
  const because = 'the stack goes down';
  // With a file only what it declares is removed, as Docker Compose does: two folders of the same name share a project.
  const own = (
    declared: Stack['networks'] | Stack['volumes'] | undefined,
    name: string,
    key: string | undefined,
  ): boolean =>
    declared === undefined
      ? key !== undefined
      : Object.values(declared).some((object) => object.name === name && object.external !== true);
  for (const { name, id, labels } of observed.networks) {
    const key = labels[label.network];
    // One that was made by others is only used.
    if (labels[label.project] !== project || !own(stack?.networks, name, key)) continue;
    list.add({ kind: 'remove-network', name, id, ifUsed: 'keep' }, because, `networks.${key}`, after);
  }
  if (options.volumes === true) {
    for (const { name, labels } of observed.volumes) {
      const key = labels[label.volume];
      if (!own(stack?.volumes, name, key)) continue;
      list.add({ kind: 'remove-volume', name }, 'its data is no longer wanted', `volumes.${key}`, after);
    }
  }
  if (options.images !== undefined) {
    for (const [image, { labels }] of Object.entries(observed.images)) {
      const service = labels[label.service];
      if (service === undefined || labels[label.project] !== project) continue;
      if (!isNamed(service, options)) continue;
      list.add(
        { kind: 'remove-image', image },
        'it was built for this stack',
        `services.${service}.build`,
        after,
      );
    }
  }
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
  { timeout, stack, among }: StopInOrderOptions,
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
