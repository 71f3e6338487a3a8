import { label } from '../../src/model/labels.ts';
import type { ObservedContainer, ObservedState } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import { imageOf, type Service, type Stack } from '../../src/model/stack.ts';
import { containerRef, identityLabels } from '../../src/plan/container.ts';
import { discover } from '../../src/plan/discovery.ts';
import { networkHash, volumeHash } from '../../src/plan/hash.ts';

/** A stack named `shop` with the services given; each is on the default network unless it says otherwise. */
export function stackOf(services: Record<string, Service>, rest: Partial<Stack> = {}): Stack {
  return {
    name: 'shop',
    directory: '/shop',
    files: ['/shop/stack.yaml'],
    environmentFiles: [],
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, { networks: { default: null }, ...service }]),
    ),
    disabledServices: [],
    networks: { default: { name: 'shop_default' } },
    volumes: {},
    configs: {},
    secrets: {},
    models: {},
    extensions: {},
    origins: {},
    ...rest,
  };
}

export const nothing: ObservedState = { containers: [], networks: [], volumes: [], images: {} };

/** The engine as it is after `up`: everything the stack describes is there and runs. */
export function runningState(stack: Stack): ObservedState {
  return {
    containers: Object.keys(stack.services).map((name) => runningContainer(stack, name)),
    networks: Object.entries(stack.networks).map(([key, network]) => ({
      id: `id-of-${network.name}`,
      name: network.name,
      labels: { [label.project]: stack.name, [label.network]: key, [label.configHash]: networkHash(network) },
    })),
    volumes: Object.entries(stack.volumes).map(([key, volume]) => ({
      name: volume.name,
      labels: { [label.project]: stack.name, [label.volume]: key, [label.configHash]: volumeHash(volume) },
    })),
    images: Object.fromEntries(
      Object.entries(stack.services).map(([name, service]) => [
        imageOf(stack, name, service),
        { id: `sha256:${name}`, labels: {}, volumes: [] },
      ]),
    ),
  };
}

/** The container that runs a service as the stack describes it. */
export function runningContainer(
  stack: Stack,
  name: string,
  changes: Partial<ObservedContainer> = {},
): ObservedContainer {
  const service = stack.services[name] ?? {};
  const ref = containerRef(stack, name, service, 1);
  return {
    id: `${name}-id-0123456789abcdef`,
    name: ref.name,
    service: name,
    number: 1,
    oneOff: false,
    state: 'running',
    status: 'Up 3 minutes',
    image: imageOf(stack, name, service),
    imageId: `sha256:${name}`,
    command: 'run',
    created: 1_700_000_000,
    labels: {
      ...identityLabels(stack, service, discover(stack, name, service).variables),
      [label.image]: `sha256:${name}`,
      [label.dependsOn]: Object.entries(service.depends_on ?? {})
        .map(([other, { condition, restart }]) => `${other}:${condition}:${restart === true}`)
        .join(','),
    },
    networks: Object.keys(service.networks ?? {}).map((key) => ({
      name: stack.networks[key]?.name ?? key,
      id: key,
    })),
    mounts: (service.volumes ?? []).map((mount) => ({
      type: mount.type,
      ...(mount.type === 'volume' && mount.source !== undefined
        ? { name: stack.volumes[mount.source]?.name ?? mount.source }
        : {}),
      target: mount.target,
    })),
    ports: [],
    ...changes,
  };
}

/** A plan as text: each step with why and after what, for comparing whole plans. */
export function planText(plan: Plan): string[] {
  return plan.steps.map(
    ({ id, because, after }) => `${id} (${because})${after.length > 0 ? ` after ${after.join(', ')}` : ''}`,
  );
}
