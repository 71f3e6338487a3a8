import { composeVersion, label } from '../model/labels.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { ContainerRef, CreateContainer } from '../model/plan.ts';
import { imageOf, type Service, type Stack, type StringMap } from '../model/stack.ts';
import { discoveryVariables } from './discovery.ts';
import { serviceHash } from './hash.ts';

/** The container that is replica `number` of a service, named as Docker Compose names it. */
export function containerRef(
  stack: Stack,
  serviceName: string,
  service: Service,
  number: number,
): ContainerRef {
  const name = service.container_name ?? `${stack.name}-${serviceName}-${number}`;
  return { service: serviceName, number, name };
}

/** The labels that say which configuration a container was made from; comparing them finds what has to be replaced. */
export function identityLabels(stack: Stack, service: Service): StringMap {
  return {
    [label.configHash]: serviceHash(service),
    [label.discovery]: discoveryText(stack, service),
  };
}

function discoveryText(stack: Stack, service: Service): string {
  const variables = Object.entries(discoveryVariables(stack, service));
  return variables.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Everything the engine needs to make a container; `replaced` is the one whose place and anonymous volumes it takes. */
export function createContainerAction(
  stack: Stack,
  container: ContainerRef,
  service: Service,
  replaced: ObservedContainer | undefined,
): CreateContainer {
  const links = service.links ?? [];
  return {
    kind: 'create-container',
    container,
    createAs: replaced === undefined ? container.name : temporaryName(replaced, container),
    image: imageOf(stack, container.service, service),
    service,
    discovery: discoveryVariables(stack, service),
    labels: containerLabels(stack, container, service, replaced),
    networks: networksToJoin(stack, container, service),
    links: links.flatMap((link) => engineLinks(stack, link)),
    volumes: Object.fromEntries(Object.entries(stack.volumes).map(([key, volume]) => [key, volume.name])),
    inheritedVolumes: replaced === undefined ? {} : anonymousVolumes(stack, service, replaced),
  };
}

/** The name a new container has while the one it replaces still holds the final name. */
function temporaryName(replaced: ObservedContainer, container: ContainerRef): string {
  return `${replaced.id.slice(0, 12)}_${container.name}`;
}

function containerLabels(
  stack: Stack,
  container: ContainerRef,
  service: Service,
  replaced: ObservedContainer | undefined,
): StringMap {
  return {
    ...service.labels,
    ...identityLabels(stack, service),
    [label.project]: stack.name,
    [label.service]: container.service,
    [label.number]: String(container.number),
    [label.oneOff]: 'False',
    [label.dependsOn]: Object.entries(service.depends_on ?? {})
      .map(([name, dependency]) => `${name}:${dependency.condition}:${dependency.restart === true}`)
      .join(','),
    [label.workingDir]: stack.directory,
    [label.configFiles]: stack.files.join(','),
    [label.version]: composeVersion,
    ...(replaced === undefined ? {} : { [label.replace]: `${container.service}-${container.number}` }),
  };
}

/** The primary network comes first: the one with the highest priority, then by name, as Docker Compose decides. */
function networksToJoin(
  stack: Stack,
  container: ContainerRef,
  service: Service,
): CreateContainer['networks'] {
  const joined = Object.entries(service.networks ?? {});
  joined.sort(([a, left], [b, right]) => (right?.priority ?? 0) - (left?.priority ?? 0) || (a < b ? -1 : 1));
  return joined.map(([key, network]) => ({
    key,
    name: stack.networks[key]?.name ?? key,
    aliases: [container.name, container.service, ...(network?.aliases ?? [])],
  }));
}

/** A link makes the linked container known under the alias and under both forms of its own name. */
function engineLinks(stack: Stack, link: string): readonly string[] {
  const [name = '', alias = name] = link.split(':');
  const service = stack.services[name];
  if (service === undefined) return [];
  const target = containerRef(stack, name, service, 1);
  const aliases = new Set([alias, `${name}-1`, `${stack.name}-${name}-1`]);
  return [...aliases].map((known) => `${target.name}:${known}`);
}

/** The data a container keeps in volumes without a name must follow it into its successor. */
function anonymousVolumes(stack: Stack, service: Service, replaced: ObservedContainer): StringMap {
  const declared = new Set((service.volumes ?? []).filter(isNamed).map((mount) => mount.target));
  const named = new Set(Object.values(stack.volumes).map((volume) => volume.name));
  const inherited: Record<string, string> = {};
  for (const mount of replaced.mounts) {
    if (mount.type !== 'volume' || mount.name === undefined) continue;
    if (named.has(mount.name) || declared.has(mount.target)) continue;
    inherited[mount.target] = mount.name;
  }
  return inherited;
}

function isNamed(mount: NonNullable<Service['volumes']>[number]): boolean {
  return mount.type !== 'volume' || mount.source !== undefined;
}
