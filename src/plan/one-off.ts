import { label } from '../model/labels.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type {
  Condition,
  ContainerRef,
  CreateContainer,
  Plan,
  StartContainer,
  StepId,
} from '../model/plan.ts';
import {
  basesFor,
  type Mount,
  nameWithin,
  type Port,
  type Service,
  type Stack,
  type StringMap,
} from '../model/stack.ts';
import { withApiSocket } from './api-socket.ts';
import { contentsOf, createContainerAction, peersOf } from './container.ts';
import { decide } from './decide.ts';
import { refOf } from './existing.ts';
import { planImage, planMountedImages } from './images.ts';
import { refuseImpossible } from './impossible.ts';
import { readyOf } from './ready.ts';
import { createStepList, type StepList } from './steps.ts';

/** What a one-off container has other than the service it is made of. */
export interface OneOffOptions {
  /** Whatever it depends on is left as it is and not waited for. */
  readonly alone: boolean;
  /** 64 hexadecimal digits, by which it is told from others. */
  readonly slug: string;
  readonly name?: string;
  /** Absent: the service's own; words take its place. */
  readonly command?: readonly string[];
  /** In the place of the service's own, whose command goes with it. */
  readonly entrypoint?: readonly string[];
  readonly environment: StringMap;
  readonly labels: StringMap;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly mounts: readonly Mount[];
  /** Absent: those of the service. */
  readonly ports?: readonly Port[];
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly tty: boolean;
  /** What the terminal begins with. */
  readonly size?: { readonly rows: number; readonly columns: number };
  readonly input: boolean;
  readonly remove: boolean;
  /** It is known on networks by the name of the service. */
  readonly useAliases: boolean;
}

export interface OneOff {
  readonly plan: Plan;
  /** To be done once the plan is. */
  readonly start: StartContainer;
}

/** The stack without a service: what has to be there before a one-off container of it can be. */
export function withoutService(stack: Stack, name: string, options: { readonly alone: boolean }): Stack {
  const { [name]: _, ...others } = stack.services;
  const services = options.alone ? {} : others;
  const left = Object.keys(stack.services).filter((other) => services[other] === undefined);
  const bases = basesFor(services, { ...stack.bases, ...stack.services });
  const unused = Object.fromEntries(left.map((other) => [other, stack.services[other] ?? {}]));
  return {
    ...stack,
    services,
    bases,
    others: { ...stack.others, ...unused },
    disabledServices: [...stack.disabledServices, ...left],
  };
}

/** Makes a container beside those of a service, once its image is there and what it depends on is as it has to be. */
export function planOneOff(
  given: Stack,
  observed: ObservedState,
  serviceName: string,
  options: OneOffOptions,
): OneOff {
  const asked = { ...given, services: { [serviceName]: given.services[serviceName] ?? {} } };
  refuseImpossible(asked, observed);
  const stack = withApiSocket(given);
  const written = stack.services[serviceName] ?? {};
  const service = oneOffService(stack, serviceName, written, options);
  const list = createStepList();
  const decision = decide(stack, observed, {}).find(({ name }) => name === serviceName);
  const image = decision === undefined ? undefined : planImage(list, stack, decision);
  const ready = options.alone
    ? []
    : awaitDependencies(list, stack, serviceName, service, observed.containers);
  const container = { service: serviceName, number: 0, name: service.container_name ?? '' };
  const made = oneOffAction(stack, container, service, observed, options);
  const imageId = image === undefined ? observed.images[made.image]?.id : undefined;
  const action = { ...made, ...(imageId !== undefined && { imageId }) };
  const mounted = planMountedImages(list, stack, observed.images, serviceName, service);
  list.add(action, 'it was asked for', `services.${serviceName}`, [image, ...mounted, ...ready]);
  return {
    plan: { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings: [] },
    start: { kind: 'start-container', container, ...contentsOf(stack, service) },
  };
}

/** The service as it is to be run once. What is changed here is part of the hash, as with Docker Compose. */
function oneOffService(stack: Stack, name: string, service: Service, options: OneOffOptions): Service {
  const { restart: _, deploy, ...rest } = service;
  const { entrypoint, command = entrypoint === undefined ? undefined : [], capAdd, capDrop } = options;
  const { restart_policy: __, ...deployed } = deploy ?? {};
  return {
    ...rest,
    ...(deploy === undefined ? {} : { deploy: deployed }),
    container_name: options.name ?? nameWithin(stack, name, 'run', options.slug.slice(0, 12)),
    tty: options.tty,
    stdin_open: options.input,
    ...(command === undefined ? {} : { command }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.workingDirectory === undefined ? {} : { working_dir: options.workingDirectory }),
    ...changed('environment', service.environment, options.environment),
    ...changed('labels', service.labels, options.labels),
    ...capabilities('cap_add', service.cap_add, capAdd, capDrop),
    ...capabilities('cap_drop', service.cap_drop, capDrop, capAdd),
    ...(options.mounts.length > 0 && { volumes: withMounts(service.volumes, options.mounts) }),
    ...(options.ports === undefined ? {} : { ports: options.ports }),
  };
}

function changed<Key extends string, Value>(
  key: Key,
  before: Readonly<Record<string, Value>> | undefined,
  more: Readonly<Record<string, Value>>,
): object {
  return Object.keys(more).length === 0 ? {} : { [key]: { ...before, ...more } };
}

function capabilities(
  key: 'cap_add' | 'cap_drop',
  before: readonly string[] | undefined,
  more: readonly string[],
  less: readonly string[],
): object {
  if (more.length === 0 && less.length === 0) return {};
  return { [key]: [...(before ?? []), ...more].filter((one) => !less.includes(one)) };
}

/** What is mounted at the same place gives way. */
function withMounts(before: readonly Mount[] = [], more: readonly Mount[]): readonly Mount[] {
  const targets = new Set(more.map(({ target }) => target));
  return [...before.filter(({ target }) => !targets.has(target)), ...more];
}

function oneOffAction(
  stack: Stack,
  container: ContainerRef,
  service: Service,
  { containers, images }: ObservedState,
  { slug, useAliases, remove, input, size }: OneOffOptions,
): CreateContainer {
  const action = createContainerAction(stack, container, service, undefined, images, peersOf(containers));
  const { [label.number]: _, ...labels } = action.labels;
  return {
    ...action,
    labels: { ...labels, [label.oneOff]: 'True', [label.slug]: slug },
    networks: useAliases
      ? action.networks
      : action.networks.map((network) => ({ ...network, aliases: [container.name] })),
    oneOff: { remove, input, ...(size === undefined ? {} : { size }) },
  };
}

function awaitDependencies(
  list: StepList,
  stack: Stack,
  name: string,
  service: Service,
  containers: readonly ObservedContainer[],
): readonly StepId[] {
  return Object.entries(service.depends_on ?? {}).flatMap(([other, { condition, required }]) => {
    const own = containers.filter((container) => container.service === other && !container.oneOff);
    if (condition === 'service_started' || own.length === 0) return [];
    const wanted: Condition = condition === 'service_healthy' ? 'healthy' : 'completed';
    const isMet = (container: ObservedContainer): boolean =>
      wanted === 'healthy' ? container.health === 'healthy' : container.exitCode === 0;
    if (own.every(isMet)) return [];
    const action = {
      kind: 'await-condition',
      service: other,
      condition: wanted,
      containers: own.map(refOf),
      ...(wanted === 'healthy' && readyOf(stack.services[other] ?? stack.others?.[other])),
      optional: !required,
    } as const;
    return list.add(action, `${name} waits for it`, `services.${name}.depends_on.${other}`);
  });
}
