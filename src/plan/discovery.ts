import { createHash } from 'node:crypto';
import {
  type Discovery,
  discoveryText,
  exposedPorts,
  type FoundPeer,
  type LeftOut,
  type ListeningPort,
  type Peer,
  type Surround,
  tell,
} from '../model/discovery.ts';
import type { ObservedState } from '../model/observed.ts';
import { imageOf, type Service, type Stack, type StringMap } from '../model/stack.ts';
import { extrasOf, stackExtras } from '../model/x-stack.ts';
import { reachedBy } from './reach.ts';
import { repositoryName, settingOf, type WellKnown, wellKnownOf } from './well-known.ts';

/** What a service is told of those that it depends on and links to, and from what that was made out. */
export interface Told extends Discovery {
  readonly surround: Surround;
  /** Services of which only an image that is not there yet tells on which ports they listen. */
  readonly open: readonly FoundPeer[];
}

/**
 * The variables that tell a service where the services are that it depends on or links to: `DB_HOST`, always a name, so
 * that it survives a replaced container, `DB_PORT`, `DB_URL` and what the links of Docker gave. What the file itself sets
 * wins: `service` is it as it is to run, `images` is what the engine has, which tells of ports that the file does not.
 */
export function discover(
  stack: Stack,
  name: string,
  service: Service,
  images: ObservedState['images'] = {},
): Told {
  const found = isOff(stack, service)
    ? []
    : usesOf(service).flatMap((use) => peerOf(stack, name, service, use, images) ?? []);
  const peers = found.filter((one) => 'peer' in one);
  const image = imageOf(stack, name, service);
  const surround: Surround = {
    peers,
    ...(wellKnownOf(image) && { ownPrefix: `${prefixOf(repositoryName(image))}_` }),
    environment: service.environment ?? {},
  };
  const told = tell(surround);
  const leftOut = [...found.filter((one) => 'because' in one), ...told.leftOut];
  return { ...told, leftOut, surround, open: peers.filter(({ ports }) => ports === undefined) };
}

/** The hash that is kept with a container of what was injected; absent: nothing is, and nobody looks. */
export function discoveryHash(stack: Stack, variables: StringMap): string | undefined {
  if (stack.discovery === false) return undefined;
  return createHash('sha256').update(discoveryText(variables)).digest('hex');
}

function isOff(stack: Stack, service: Service): boolean {
  return (
    stack.discovery === false ||
    stackExtras(stack).discovery === false ||
    extrasOf(service).discovery === false
  );
}

/** That a service uses another one. */
interface Use {
  readonly service: string;
  /** The name by which the dependant reaches it. */
  readonly alias: string;
  readonly because: string;
}

function usesOf({ links = [], depends_on = {} }: Service): readonly Use[] {
  const linked = links.map((link): Use => {
    const [service = '', alias = service] = link.split(':');
    return { service, alias, because: `it links to ${link}` };
  });
  const byName = Object.entries(depends_on).flatMap(([service, { condition }]): Use[] =>
    // What has done its work is nowhere any more.
    condition === 'service_completed_successfully'
      ? []
      : [{ service, alias: service, because: `it depends on ${service}` }],
  );
  const known = new Set(byName.map(({ service }) => service));
  return [...byName, ...linked.filter(({ service, alias }) => alias !== service || !known.has(service))];
}

function peerOf(
  stack: Stack,
  name: string,
  service: Service,
  { service: other, alias, because }: Use,
  images: ObservedState['images'],
): FoundPeer | LeftOut | undefined {
  const services = { ...stack.others, ...stack.services };
  const target = services[other];
  // What a program stands for is on no network; it tells itself where it is.
  if (target === undefined || target.provider !== undefined) return undefined;
  const prefix = prefixOf(alias);
  const host = reachedBy({ ...services, [name]: services[name] ?? service }, name, other, alias);
  if (host === undefined)
    return { name: `${prefix}_*`, service: other, because: `it has no network in common with ${other}` };
  const image = imageOf(stack, other, target);
  const known = wellKnownOf(image);
  const setting = settingOf(target, image);
  const ports = listeningPorts(target, image, [other, alias], images);
  const database = known?.database?.(setting);
  const url = extrasOf(target).provides?.url ?? known?.url?.(setting);
  const passwordFile = known === undefined ? undefined : passwordFileOf(service, target, known);
  // What a program takes for the name of its database must not be anything else.
  const called = known?.database === undefined ? `/${name}/${alias}` : database;
  const peer: Peer = {
    service: other,
    prefix,
    host,
    because,
    ...(called === undefined ? {} : { name: called }),
    ...(url === undefined ? {} : { url }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
  };
  return { peer, image, ...(ports === undefined ? {} : { ports }) };
}

/** `user-api` → `USER_API`. No shell takes a name that begins with a digit. */
function prefixOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')
    .replace(/^(?=[0-9])/, '_');
}

/**
 * The ports that a service listens on, the one that it is there for first: as the file tells, or its image. Undefined if
 * that is not there yet. `names` are those under which it may say where it is.
 */
export function listeningPorts(
  service: Service,
  image: string,
  names: readonly string[],
  images: ObservedState['images'],
): readonly ListeningPort[] | undefined {
  return portsOf(service, wellKnownOf(image), names) ?? portsOfImage(images[image]?.exposed);
}

/** What the file says of the ports of a service, or what is known of its image; undefined: neither. */
function portsOf(
  service: Service,
  known: WellKnown | undefined,
  names: readonly string[],
): readonly ListeningPort[] | undefined {
  const exposed = (service.expose ?? []).flatMap(portsOfRange);
  const published = (service.ports ?? []).map(({ target, protocol }) => ({ port: target, protocol }));
  const side = new Set(known?.side);
  const said = [...exposed, ...published.filter(({ port }) => !side.has(port))];
  const advertised = advertisedPort(service, names);
  const usual = said.find(({ port }) => port === known?.port)?.port;
  const first = advertised ?? usual ?? said[0]?.port ?? known?.port;
  if (first === undefined) return published.length > 0 ? distinct(published) : undefined;
  const own = [...said, ...published].find(({ port }) => port === first) ?? { port: first, protocol: 'tcp' };
  return distinct([own, ...said, ...published]);
}

function distinct(ports: readonly ListeningPort[]): readonly ListeningPort[] {
  return [...new Map(ports.map((one) => [`${one.port}/${one.protocol}`, one])).values()];
}

/** `9000`, `9000/udp`, `9000-9002`. */
function portsOfRange(entry: string): readonly ListeningPort[] {
  const [, first = '', last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(entry) ?? [];
  if (first === '') return [];
  const count = Math.min(Number(last) - Number(first) + 1, longestRange);
  return Array.from({ length: Math.max(count, 0) }, (_, index) => ({
    port: Number(first) + index,
    protocol,
  }));
}

/** Nobody reads more variables than these. */
const longestRange = 20;

/** Kafka sends its clients on to what it advertises. */
function advertisedPort({ environment = {} }: Service, names: readonly string[]): number | undefined {
  const listeners =
    environment.KAFKA_ADVERTISED_LISTENERS ?? environment.KAFKA_CFG_ADVERTISED_LISTENERS ?? '';
  const own = listeners.split(',').find((listener) => names.some((name) => listener.includes(`//${name}:`)));
  const [, port] = /:(\d+)$/.exec(own?.trim() ?? '') ?? [];
  return port === undefined ? undefined : Number(port);
}

function portsOfImage(exposed: readonly string[] | undefined): readonly ListeningPort[] | undefined {
  return exposed === undefined ? undefined : exposedPorts(exposed);
}

/** Where a service finds the password of another one: both have the same secret. */
function passwordFileOf(service: Service, target: Service, known: WellKnown): string | undefined {
  const files = (known.passwordFiles ?? []).flatMap((name) => target.environment?.[name] ?? []);
  const [file] = files;
  if (file === undefined) return undefined;
  const source = target.secrets?.find((secret) => pathOfSecret(secret) === file)?.source;
  const own = service.secrets?.find((secret) => secret.source === source);
  return own === undefined ? undefined : pathOfSecret(own);
}

function pathOfSecret({ source, target = source }: { source: string; target?: string }): string {
  return target.startsWith('/') ? target : `/run/secrets/${target}`;
}
