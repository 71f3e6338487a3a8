import { type Copy, fixedNumber, portKey } from '../../model/copy.ts';
import { bare, mapValues } from '../../model/records.ts';
import type { Service, Stack, Volume } from '../../model/stack.ts';

/**
 * A stack as one of its copies: with ports of its own where the copy has some, and with names of its own where the files
 * have names that only one can have. Under the name in the file a container is still known to the others.
 */
export function asCopy(stack: Stack, copy: Copy): Stack {
  const built = new Set(
    Object.values(stack.services).flatMap(({ build, image }) =>
      build !== undefined && image !== undefined ? [image] : [],
    ),
  );
  const renamed = new Set(
    Object.values(stack.services).flatMap(({ container_name }) => container_name ?? []),
  );
  const own = (service: Service, name: string): Service => ({
    ...withOwnPorts(service, name, copy),
    ...withOwnNeighbours(service, renamed, copy),
    ...(service.build?.tags && {
      build: { ...service.build, tags: service.build.tags.map((tag) => ownTag(tag, copy)) },
    }),
    ...(service.container_name !== undefined && {
      container_name: ownContainer(service.container_name, copy),
      ...(service.networks && { networks: withAlias(service.networks, service.container_name) }),
    }),
    ...(service.image !== undefined && built.has(service.image) && { image: ownTag(service.image, copy) }),
  });
  const names = mapped(stack.networks, (network) =>
    network.external === true ? network : { ...network, name: ownName(network.name, copy) },
  );
  const cloned = Object.entries(stack.volumes).flatMap(([key, { external, name }]) =>
    external === true || copy.data !== 'clone' ? [] : [[key, originalName(name, copy)] as const],
  );
  return {
    ...stack,
    services: mapped(stack.services, own),
    ...(stack.bases && { bases: mapped(stack.bases, own) }),
    networks: names,
    volumes: mapped(stack.volumes, (volume) => ownVolume(volume, copy)),
    ...(cloned.length > 0 && { cloned: Object.fromEntries(cloned) }),
  };
}

function mapped<Part>(
  parts: Readonly<Record<string, Part>>,
  change: (part: Part, name: string) => Part,
): Readonly<Record<string, Part>> {
  return bare(mapValues(parts, change));
}

function withOwnPorts(service: Service, name: string, { ports: numbers }: Copy): Service {
  if (service.ports === undefined) return service;
  const ports = service.ports.map((port) => {
    const number = fixedNumber(port) === undefined ? undefined : numbers[portKey(name, port)];
    return number === undefined ? port : { ...port, published: String(number) };
  });
  return { ...service, ports };
}

function ownContainer(name: string, { project }: Copy): string {
  return `${name}-${project}`;
}

/** Who shares something with a container of the stack by its name means that of the copy. */
function withOwnNeighbours(service: Service, renamed: ReadonlySet<string>, copy: Copy): Partial<Service> {
  const own = (text: string): string =>
    text.replace(/^container:([^:]+)/, (whole, name: string) =>
      renamed.has(name) ? `container:${ownContainer(name, copy)}` : whole,
    );
  const { network_mode, ipc, pid, volumes_from } = service;
  return {
    ...(network_mode !== undefined && { network_mode: own(network_mode) }),
    ...(ipc !== undefined && { ipc: own(ipc) }),
    ...(pid !== undefined && { pid: own(pid) }),
    ...(volumes_from && { volumes_from: volumes_from.map(own) }),
  };
}

function withAlias(
  networks: NonNullable<Service['networks']>,
  alias: string,
): NonNullable<Service['networks']> {
  return mapped(networks, (network) => ({ ...network, aliases: [...(network?.aliases ?? []), alias] }));
}

/** What is built under a name from other files must not take that name from the others. */
function ownTag(image: string, { project }: Copy): string {
  const hasTag = /:[^/]+$/.test(image);
  return `${image}${hasTag ? '-' : ':'}${project}`;
}

function ownName(name: string, { project }: Copy): string {
  return name.startsWith(`${project}_`) ? name : `${project}_${name}`;
}

function originalName(name: string, { project, original }: Copy): string {
  return name.startsWith(`${project}_`) ? `${original}_${name.slice(project.length + 1)}` : name;
}

function ownVolume(volume: Volume, copy: Copy): Volume {
  if (volume.external === true) return volume;
  if (copy.data === 'share') return { name: originalName(volume.name, copy), external: true };
  return { ...volume, name: ownName(volume.name, copy) };
}
