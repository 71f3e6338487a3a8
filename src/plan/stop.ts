import { label } from '../model/labels.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { ContainerRef, Plan, StepId } from '../model/plan.ts';
import type { Stack } from '../model/stack.ts';
import { createStepList, type StepList } from './steps.ts';

export interface StopOptions {
  /** Whose containers; absent: all of the project. */
  readonly services?: readonly string[];
  /** End the processes at once instead of asking them to stop. */
  readonly force?: boolean;
}

export interface DownOptions {
  readonly services?: readonly string[];
  readonly removeOrphans?: boolean;
  /** Also the stack's volumes with their data, and anonymous ones. */
  readonly volumes?: boolean;
  /** Also images that were built for the stack. */
  readonly images?: boolean;
}

type Project = Pick<Stack, 'name' | 'directory'>;

/** Stops what runs, dependants before what they depend on; with `force` all at once. */
export function planStop(project: Project, observed: ObservedState, options: StopOptions): Plan {
  const list = createStepList();
  const containers = observed.containers.filter(
    (container) => isRunning(container) && (options.services?.includes(container.service) ?? true),
  );
  if (options.force === true) {
    for (const container of containers) {
      const action = { kind: 'kill-container', container: refOf(container), id: container.id } as const;
      list.add(action, 'it was asked for', `services.${container.service}`);
    }
  } else {
    stopInOrder(list, containers, 'it was asked for');
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
  const containers = observed.containers.filter((container) => belongs(container, stack, options));
  const because = 'the stack goes down';
  const stopped = stopInOrder(list, containers.filter(isRunning), because);
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
  if (options.services === undefined || options.services.length === 0) {
    removeRest(list, stack, observed, options, removed, because);
  }
  return { stack: project, steps: list.steps, warnings: [] };
}

function removeRest(
  list: StepList,
  stack: Stack | undefined,
  observed: ObservedState,
  options: DownOptions,
  after: readonly StepId[],
  because: string,
): void {
  const external = (name: string): boolean =>
    [...Object.values(stack?.networks ?? {}), ...Object.values(stack?.volumes ?? {})].some(
      (object) => object.external === true && object.name === name,
    );
  for (const network of observed.networks) {
    const key = network.labels[label.network];
    if (external(network.name) || key === undefined) continue;
    list.add(
      { kind: 'remove-network', name: network.name, id: network.id },
      because,
      `networks.${key}`,
      after,
    );
  }
  if (options.volumes === true) {
    const declared = new Set(Object.values(stack?.volumes ?? {}).map((volume) => volume.name));
    for (const volume of observed.volumes) {
      const key = volume.labels[label.volume];
      if (external(volume.name) || (key === undefined && !declared.has(volume.name))) continue;
      list.add(
        { kind: 'remove-volume', name: volume.name },
        'its data is no longer wanted',
        `volumes.${key}`,
        after,
      );
    }
  }
  if (options.images === true) {
    for (const [image, { labels }] of Object.entries(observed.images)) {
      const service = labels[label.service];
      if (service === undefined || labels[label.project] === undefined) continue;
      list.add(
        { kind: 'remove-image', image },
        'it was built for this stack',
        `services.${service}.build`,
        after,
      );
    }
  }
}

function belongs(container: ObservedContainer, stack: Stack | undefined, options: DownOptions): boolean {
  const { service } = container;
  if (options.services !== undefined && options.services.length > 0)
    return options.services.includes(service);
  if (stack === undefined || options.removeOrphans === true) return true;
  if (container.oneOff) return false;
  return stack.services[service] !== undefined || stack.disabledServices.includes(service);
}

/** Gives, by container id, the step after which it has stopped. Order is read from the labels, so no file is needed. */
function stopInOrder(
  list: StepList,
  containers: readonly ObservedContainer[],
  because: string,
): ReadonlyMap<string, StepId> {
  const stopped = new Map<string, StepId>();
  const visited = new Set<ObservedContainer>();
  const visit = (container: ObservedContainer): void => {
    if (visited.has(container)) return;
    visited.add(container);
    const dependants = containers.filter(
      (other) => other !== container && dependsOn(other, container.service),
    );
    for (const dependant of dependants) visit(dependant);
    const step = list.add(
      { kind: 'stop-container', container: refOf(container), id: container.id },
      because,
      `services.${container.service}`,
      // Labels written by others may be circular: a dependant that is still being visited is not waited for.
      dependants.map((dependant) => stopped.get(dependant.id)),
    );
    stopped.set(container.id, step);
  };
  for (const container of containers) visit(container);
  return stopped;
}

/** The label is a list of `SERVICE:CONDITION:RESTART`. */
function dependsOn(container: ObservedContainer, service: string): boolean {
  const entries = (container.labels[label.dependsOn] ?? '').split(',');
  return entries.some((entry) => entry.split(':')[0] === service);
}

function isRunning({ state }: ObservedContainer): boolean {
  return state === 'running' || state === 'restarting' || state === 'paused';
}

function refOf({ service, number, name }: ObservedContainer): ContainerRef {
  return { service, number, name };
}
