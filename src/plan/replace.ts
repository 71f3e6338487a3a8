import type { ObservedContainer } from '../model/observed.ts';
import type { ReplaceOrder } from '../model/plan.ts';
import type { BindMount, Service, Stack } from '../model/stack.ts';
import { extrasOf } from '../model/x-stack.ts';
import { sharedWith } from './sharing.ts';

/** How a container gives way to the one that takes its place. */
export type Replacement =
  | { readonly order: 'start-first' }
  | {
      readonly order: 'stop-first';
      /** Why it cannot be the other way round, in words that follow "stops the old one first"; absent: nothing is to be told. */
      readonly because?: string;
    };

/**
 * Whether the new container can run beside the one it replaces until it is ready, so that someone answers at any time. What
 * only one container can have is in the way of that, and data that only one may write, unless the file says that both may.
 */
export function replacementOf(
  stack: Stack,
  name: string,
  service: Service,
  current: ObservedContainer,
  { containers, usual }: { readonly containers: readonly ObservedContainer[]; readonly usual: ReplaceOrder },
): Replacement {
  if (current.state !== 'running') return { order: 'stop-first' };
  const wish = orderOf(service);
  if (wish === undefined && usual === 'stop-first') return { order: 'stop-first' };
  const because =
    wish?.order === 'stop-first'
      ? `${wish.from} says so`
      : (exclusive(stack, name, service, current) ??
        (wish === undefined
          ? (writes(stack, service, current) ?? remembered(stack, name, containers))
          : undefined));
  return because === undefined ? { order: 'start-first' } : { order: 'stop-first', because };
}

interface Wish {
  readonly order: ReplaceOrder;
  /** Where it stands. */
  readonly from: string;
}

function orderOf(service: Service): Wish | undefined {
  const { replace } = extrasOf(service);
  if (replace === 'start-first' || replace === 'stop-first')
    return { order: replace, from: 'x-stack.replace' };
  const order = service.deploy?.update_config?.order;
  return order === undefined ? undefined : { order, from: 'deploy.update_config.order' };
}

/** What two containers cannot have at once, whoever wants it so. */
function exclusive(
  stack: Stack,
  name: string,
  service: Service,
  current: ObservedContainer,
): string | undefined {
  const port = heldPort(service, current);
  if (port !== undefined) return `it publishes port ${port}`;
  const [shared] = sharedWith(service);
  if (shared !== undefined) return `it shares the ${shared[1]} of ${shared[0]}`;
  if (service.network_mode !== undefined) return `its network_mode is ${service.network_mode}`;
  const former = current.networks.find(({ name }) => name === 'host' || name === 'none');
  if (former !== undefined) return `its network_mode was ${former.name}`;
  for (const key of ['ipc', 'pid'] as const)
    if (service[key]?.startsWith('container:') === true) return `its ${key} is ${service[key]}`;
  for (const [other, one] of Object.entries(stack.services)) {
    const what = sharedWith(one).get(name);
    if (what !== undefined) return `${other} shares its ${what}`;
  }
  const address = fixedAddress(service);
  if (address !== undefined) return `it has the fixed address ${address}`;
  if (Object.keys(service.networks ?? {}).length === 0) return 'it is on no network';
  const hooks = (['pre_start', 'post_start', 'pre_stop'] as const).find(
    (phase) => (service[phase] ?? []).length > 0,
  );
  return hooks === undefined ? undefined : `it has ${hooks} hooks`;
}

/** A port of the host that the running container has and the new one wants. */
function heldPort(service: Service, { ports }: ObservedContainer): string | undefined {
  for (const { published, protocol } of service.ports ?? []) {
    if (published === undefined || published === '') continue;
    const [first = 0, last = first] = published.split('-').map(Number);
    const isHeld = ports.some(
      (held) => held.protocol === protocol && held.hostPort >= first && held.hostPort <= last,
    );
    if (isHeld) return published;
  }
  return undefined;
}

function fixedAddress(service: Service): string | undefined {
  const networks = Object.values(service.networks ?? {});
  const found = networks
    .flatMap((network) => [network?.ipv4_address, network?.ipv6_address, network?.mac_address])
    .find((address) => address !== undefined);
  return found ?? service.mac_address;
}

/** Data that two containers would write at once. Source code that is mounted is not taken for such. */
function writes(stack: Stack, service: Service, { mounts }: ObservedContainer): string | undefined {
  const given = new Map((service.volumes ?? []).map((mount) => [mount.target, mount]));
  for (const mount of given.values()) {
    if (mount.read_only === true) continue;
    if (mount.type === 'volume')
      return mount.source === undefined ? anonymous(mount.target) : `it writes to the volume ${mount.source}`;
    if (mount.type === 'bind' && !isSource(mount, service))
      return `it writes to ${shownPath(mount.source, stack)}`;
  }
  const own = mounts.find(({ type, target }) => type === 'volume' && !given.has(target));
  return own === undefined ? undefined : anonymous(own.target);
}

function anonymous(target: string): string {
  return `it writes to a volume at ${target}`;
}

/** Programs that ask for an address once, when they start. The new container has another one than the one it replaces. */
const askOnce = /\b(nginx|openresty|haproxy|varnishd|httpd-foreground|apache2)\b/;

/**
 * Something that may hold the address of the running container: what takes its place gets the same address only if it starts
 * when that one has gone. Whoever is restarted with the service asks anew.
 */
function remembered(
  stack: Stack,
  name: string,
  containers: readonly ObservedContainer[],
): string | undefined {
  const own = networksOf(containers, name);
  const keeper = containers.find(
    ({ service, command, networks, state }) =>
      service !== name &&
      state === 'running' &&
      askOnce.test(command) &&
      networks.some((network) => own.has(network.name)) &&
      stack.services[service]?.depends_on?.[name]?.restart !== true,
  );
  const program = askOnce.exec(keeper?.command ?? '')?.[0];
  return keeper && `${program} in ${keeper.service} may remember its address`;
}

function networksOf(containers: readonly ObservedContainer[], name: string): ReadonlySet<string> {
  const own = containers.filter(({ service }) => service === name);
  return new Set(own.flatMap(({ networks }) => networks.map((network) => network.name)));
}

/** Where programs keep what they write. */
const dataFolder = /^\/var\/(?:lib|opt|spool)\/|\/(?:data|db)(?:\/|$)/;

/** What a service is built from, or a part of that, or a socket of this machine. */
function isSource({ source, target }: BindMount, { build }: Service): boolean {
  if (source.endsWith('.sock')) return true;
  if (build === undefined || dataFolder.test(target)) return false;
  return isInside(build.context, source) || isInside(source, build.context);
}

function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function shownPath(source: string, { directory }: Stack): string {
  return isInside(`${directory}/`, source) ? `.${source.slice(directory.length)}` : source;
}
