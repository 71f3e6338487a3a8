import { composeVersion, label } from '../model/labels.ts';
import type { ObservedContainer, ObservedState } from '../model/observed.ts';
import type { ContainerRef, ContentFile, CreateContainer, StartContainer } from '../model/plan.ts';
import {
  type FileReference,
  imageOf,
  joinPath,
  nameWithin,
  type Service,
  type Stack,
  type StackPath,
  type StringMap,
} from '../model/stack.ts';
import { credentialsConfig } from './api-socket.ts';
import { discover, discoveryHash } from './discovery.ts';
import { refOf } from './existing.ts';
import { hashedText, serviceHash } from './hash.ts';
import { volumesFrom, withContainers } from './sharing.ts';

/** The container that is replica `number` of a service, named as Docker Compose names it. */
export function containerRef(
  stack: Stack,
  serviceName: string,
  service: Service,
  number: number,
): ContainerRef {
  const name = service.container_name ?? nameWithin(stack, serviceName, number);
  return { service: serviceName, number, name };
}

/** The labels that say which configuration a container was made from; comparing them finds what has to be replaced. */
export function identityLabels(stack: Stack, service: Service, told: StringMap): StringMap {
  const injected = discoveryHash(stack, told);
  return {
    [label.configHash]: serviceHash(service),
    ...(injected === undefined ? {} : { [label.discovery]: injected }),
  };
}

/**
 * Everything the engine needs to make a container; `replaced` is the one whose place and anonymous volumes it takes,
 * `images` what there is of the images of the stack.
 */
export function createContainerAction(
  stack: Stack,
  container: ContainerRef,
  service: Service,
  replaced: ObservedContainer | undefined,
  images: ObservedState['images'],
  peers: Peers,
  renewVolumes = false,
): CreateContainer {
  const links = (service.links ?? []).flatMap((link) => engineLinks(stack, link, peers));
  const newcomers = new Map<string, ContainerRef>();
  const idOf = (name: string) => {
    const peer = peers.firstOf(name);
    if (peer === undefined) return '';
    if ('id' in peer) return peer.id;
    newcomers.set(peer.name, peer);
    return placeholder(peer);
  };
  const shared = withContainers(service, idOf);
  const image = imageOf(stack, container.service, service);
  const { variables, open, surround } = discover(stack, container.service, service, images);
  return {
    kind: 'create-container',
    container,
    createAs: replaced === undefined ? container.name : temporaryName(replaced, container),
    image,
    service: withAbsoluteProfiles(shared, stack.directory),
    discovery: variables,
    ...(open.length > 0 && { surround }),
    labels: containerLabels(stack, container, shared, variables, replaced),
    networks: networksToJoin(stack, container, service),
    links: [...links, ...(service.external_links ?? [])],
    volumes: Object.fromEntries(Object.entries(stack.volumes).map(([key, volume]) => [key, volume.name])),
    volumesFrom: volumesFrom(service, idOf),
    newcomers: [...newcomers.values()].map((peer) => ({ container: peer, placeholder: placeholder(peer) })),
    ...(newcomers.size > 0 && { hashed: hashedText(shared) }),
    files: filesOf(stack, service),
    inheritedVolumes:
      replaced === undefined || renewVolumes
        ? {}
        : anonymousVolumes(service, replaced, images[image]?.volumes),
  };
}

/** What makes a container that can tell later why it took the place of another one. */
export function withReason(action: CreateContainer, because: string): CreateContainer {
  return { ...action, labels: { ...action.labels, [label.because]: because } };
}

/** Files of security options are relative to the project directory; the hash, as with Docker Compose, is of what is written. */
function withAbsoluteProfiles(service: Service, directory: string): Service {
  if (service.security_opt === undefined) return service;
  const absolute = (option: string): string =>
    option.replace(/^(seccomp[=:])(?!unconfined$|builtin$|[/\\{]|[A-Za-z]:[/\\])(?=.)/, `$1${directory}/`);
  return { ...service, security_opt: service.security_opt.map(absolute) };
}

/** The containers of other services that a container is tied to. */
export interface Peers {
  readonly refsOf: (service: string) => readonly ContainerRef[];
  /** The first by name: with its id if it stays, without if it is yet to be made. */
  readonly firstOf: (service: string) => (ContainerRef & { readonly id?: string }) | undefined;
}

/** Where all containers that it is tied to are there already. */
export function peersOf(containers: readonly ObservedContainer[]): Peers {
  const of = (name: string) => containers.filter(({ service, oneOff }) => service === name && !oneOff);
  return {
    refsOf: (name) => of(name).map(refOf),
    firstOf: (name) => {
      const [first] = of(name);
      return first === undefined ? undefined : { ...refOf(first), id: first.id };
    },
  };
}

/** Stands for the id of a container that is not there yet; no file can have these characters in the place of an id. */
function placeholder({ name }: ContainerRef): string {
  return `\uE000${name}\uE001`;
}

/** Configs and secrets that are files of this machine are mounted. */
function filesOf(stack: Stack, service: Service): CreateContainer['files'] {
  return placedParts(stack, service).flatMap(({ file, path }) =>
    file === undefined ? [] : [{ source: file, target: path }],
  );
}

/** Configs and secrets that are no files are written into the container each time before it starts. */
export function contentsOf(stack: Stack, service: Service): Pick<StartContainer, 'contents'> {
  const contents = placedParts(stack, service).flatMap(({ file, path, from, reference }): ContentFile[] => {
    const { mode, uid, gid } = reference;
    if (file !== undefined) return [];
    return [
      {
        path,
        from,
        ...(reference.source === credentialsConfig && { credentials: true }),
        ...(mode === undefined ? {} : { mode }),
        ...(uid === undefined ? {} : { uid: Number(uid) }),
        ...(gid === undefined ? {} : { gid: Number(gid) }),
      },
    ];
  });
  return contents.length === 0 ? {} : { contents };
}

interface PlacedPart {
  readonly reference: FileReference;
  /** Its path in the stack. */
  readonly from: StackPath;
  readonly file: string | undefined;
  /** Its path in the container, where Docker Compose puts it. */
  readonly path: string;
}

function placedParts(stack: Stack, service: Service): readonly PlacedPart[] {
  const placed = (section: 'configs' | 'secrets', folder: string) =>
    (service[section] ?? []).map((reference): PlacedPart => {
      const { source, target = source } = reference;
      const path = target.startsWith('/') ? target : `${folder}/${target}`;
      return { reference, from: joinPath(section, source), file: stack[section][source]?.file, path };
    });
  return [...placed('configs', ''), ...placed('secrets', '/run/secrets')];
}

/** The name a new container has while the one it replaces still holds the final name. */
function temporaryName(replaced: ObservedContainer, container: ContainerRef): string {
  return `${replaced.id.slice(0, 12)}_${container.name}`;
}

/** Whether a container has the name that one has while the one it replaces still holds the final one. */
export function isTemporary(name: string): boolean {
  return /^[0-9a-f]{12}_/.test(name);
}

function containerLabels(
  stack: Stack,
  container: ContainerRef,
  service: Service,
  told: StringMap,
  replaced: ObservedContainer | undefined,
): StringMap {
  return {
    ...service.labels,
    ...identityLabels(stack, service, told),
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
      : { [label.replace]: service.container_name ?? container.name.slice(stack.name.length + 1) }),
  };
}

/** The primary network comes first: the one with the highest priority, then by name, as Docker Compose decides. */
export function networksToJoin(
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
function engineLinks(stack: Stack, link: string, { refsOf }: Peers): readonly string[] {
  const [name = '', alias = name] = link.split(':');
  return refsOf(name).flatMap((target) => {
    const { number } = target;
    const full = nameWithin(stack, name, number);
    const aliases = new Set([alias, full.slice(stack.name.length + 1), full]);
    return [...aliases].map((known) => `${target.name}:${known}`);
  });
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
