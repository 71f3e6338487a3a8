import { composeVersion, label } from '../model/labels.ts';
import type { ObservedState } from '../model/observed.ts';
import type { ContainerRef, RunPreStart, StepId } from '../model/plan.ts';
import { imageOf, nameWithin, type PreStartHook, type Service, type Stack } from '../model/stack.ts';
import { networksToJoin, type Peers } from './container.ts';
import { planOtherImage } from './images.ts';
import type { StepList } from './steps.ts';

/**
 * Runs the hooks of a container one after the other, the first after the steps given; gives the steps to go on from. Only
 * the file knows hooks: without a stack there are none.
 */
export function addHooks(
  list: StepList,
  stack: Pick<Stack, 'services'> | undefined,
  container: ContainerRef,
  phase: 'post_start' | 'pre_stop',
  after: readonly (StepId | undefined)[],
): readonly (StepId | undefined)[] {
  const hooks = stack?.services[container.service]?.[phase] ?? [];
  let before = after;
  for (const [index, hook] of hooks.entries()) {
    const because = phase === 'post_start' ? 'it has started' : 'it is about to stop';
    const path = `services.${container.service}.${phase}[${index}]`;
    before = [list.add({ kind: 'run-hook', container, hook, phase, index }, because, path, before)];
  }
  return before;
}

/**
 * Runs the hooks of a service that come before any of its containers starts, one after the other, each in a container of
 * its own; gives the steps to go on from. Absent images: they are there.
 */
export function addPreStart(
  list: StepList,
  stack: Stack,
  container: ContainerRef,
  images: ObservedState['images'] | undefined,
  peers: Peers,
  after: readonly (StepId | undefined)[],
): readonly (StepId | undefined)[] {
  const service = stack.services[container.service];
  const hooks = service?.pre_start ?? [];
  if (service === undefined || hooks.length === 0) return after;
  let before = after;
  for (const [index, hook] of hooks.entries()) {
    const path = `services.${container.service}.pre_start[${index}]`;
    const action = preStartAction(stack, container, service, { hook, index }, peers);
    const image = hook.image && planOtherImage(list, stack, images, container.service, hook.image, path);
    before = [list.add(action, 'it is about to start', path, [...before, image])];
  }
  return before;
}

function preStartAction(
  stack: Stack,
  container: ContainerRef,
  service: Service,
  { hook, index }: { readonly hook: PreStartHook; readonly index: number },
  peers: Peers,
): RunPreStart {
  const shared = /^service:(.+)$/s.exec(service.network_mode ?? '')?.[1];
  const networkMode =
    shared === undefined ? service.network_mode : `container:${peers.firstOf(shared)?.name ?? ''}`;
  return {
    kind: 'run-pre-start',
    container,
    name: nameWithin(stack, container.service, 'pre_start', index),
    index,
    hook,
    image: hook.image ?? imageOf(stack, container.service, service),
    environment: { ...service.environment, ...hook.environment },
    labels: {
      [label.project]: stack.name,
      [label.service]: container.service,
      [label.version]: composeVersion,
      [label.hook]: 'pre_start',
    },
    networks: networksToJoin(stack, container, service).map((network) => ({
      ...network,
      aliases: network.aliases.filter((alias) => alias !== container.name),
    })),
    ...(networkMode === undefined ? {} : { networkMode }),
  };
}
