import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer, type ObservedState } from '../model/observed.ts';
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
    (container) => isAlive(container) && (options.services?.includes(container.service) ?? true),
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
  const stopped = stopInOrder(list, containers.filter(isAlive), because);
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
    removeRest(list, stack, observed, options, removed, project.name);
  }
  return { stack: project, steps: list.steps, warnings: [] };
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
    if (!own(stack?.networks, name, key)) continue;
    list.add({ kind: 'remove-network', name, id, ifUsed: 'keep' }, because, `networks.${key}`, after);
  }
  if (options.volumes === true) {
    for (const { name, labels } of observed.volumes) {
      const key = labels[label.volume];
      if (!own(stack?.volumes, name, key)) continue;
      list.add({ kind: 'remove-volume', name }, 'its data is no longer wanted', `volumes.${key}`, after);
    }
  }
  if (options.images === true) {
    for (const [image, { labels }] of Object.entries(observed.images)) {
      const service = labels[label.service];
      if (service === undefined || labels[label.project] !== project) continue;
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

function refOf({ service, number, name }: ObservedContainer): ContainerRef {
  return { service, number, name };
}
