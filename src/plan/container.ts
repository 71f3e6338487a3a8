import { composeVersion, label } from '../model/labels.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { ContainerRef, CreateContainer } from '../model/plan.ts';
import { type FileReference, imageOf, type Service, type Stack, type StringMap } from '../model/stack.ts';
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

/**
 * Everything the engine needs to make a container; `replaced` is the one whose place and anonymous volumes it takes,
 * `imageVolumes` what the image declares, if it is there already.
 */
export function createContainerAction(
  stack: Stack,
  container: ContainerRef,
  service: Service,
  replaced: ObservedContainer | undefined,
  imageVolumes: readonly string[] | undefined,
): CreateContainer {
  const links = (service.links ?? []).flatMap((link) => engineLinks(stack, link));
  return {
    kind: 'create-container',
    container,
    createAs: replaced === undefined ? container.name : temporaryName(replaced, container),
    image: imageOf(stack, container.service, service),
    service,
    discovery: discoveryVariables(stack, service),
    labels: containerLabels(stack, container, service, replaced),
    networks: networksToJoin(stack, container, service),
    links: [...links, ...(service.external_links ?? [])],
    volumes: Object.fromEntries(Object.entries(stack.volumes).map(([key, volume]) => [key, volume.name])),
    volumesFrom: (service.volumes_from ?? []).map((from) => from.replace(/^container:/, '')),
    files: filesOf(stack, service),
    inheritedVolumes: replaced === undefined ? {} : anonymousVolumes(service, replaced, imageVolumes),
  };
}

/** Where Docker Compose puts configs and secrets that are files of this machine. */
function filesOf(stack: Stack, service: Service): CreateContainer['files'] {
  const placed = (
    references: readonly FileReference[] = [],
    objects: Readonly<Record<string, { readonly file?: string }>>,
    folder: string,
  ) =>
    references.flatMap(({ source, target = source }) => {
      const file = objects[source]?.file;
      if (file === undefined) return [];
      return [{ source: file, target: target.startsWith('/') ? target : `${folder}/${target}` }];
    });
  return [
    ...placed(service.configs, stack.configs, ''),
    ...placed(service.secrets, stack.secrets, '/run/secrets'),
  ];
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
    ...(stack.environmentFiles.length > 0 && {
      [label.environmentFiles]: stack.environmentFiles.join(','),
    }),
    [label.version]: composeVersion,
    ...(replaced === undefined
      ? {}
      : { [label.replace]: service.container_name ?? `${container.service}-${container.number}` }),
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

/**
 * The data a container keeps in volumes without a name must follow it into its successor, as far as that still has a
 * volume there: declared without a source, or by the image.
 */
function anonymousVolumes(
  service: Service,
  replaced: ObservedContainer,
  imageVolumes: readonly string[] | undefined,
): StringMap {
  const mounts = service.volumes ?? [];
  const nameless = mounts.filter((mount) => mount.type === 'volume' && mount.source === undefined);
  const wanted = new Set(nameless.map(({ target }) => target));
  const taken = new Set(mounts.filter((mount) => !nameless.includes(mount)).map(({ target }) => target));
  for (const entry of service.tmpfs ?? []) taken.add(entry.split(':', 1)[0] ?? '');
  const inherited: Record<string, string> = {};
  for (const { type, name, target } of replaced.mounts) {
    if (type !== 'volume' || name === undefined || !isAnonymous(name) || taken.has(target)) continue;
    if (wanted.has(target) || (imageVolumes?.includes(target) ?? true)) inherited[target] = name;
  }
  return inherited;
}

/** The engine names a volume that has no name by 64 hexadecimal digits. */
function isAnonymous(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}
