import type {
  AttributeOf,
  BindMount,
  Build,
  Dependency,
  Healthcheck,
  Ipam,
  Mount,
  Network,
  Port,
  Service,
  ServiceNetwork,
  Stack,
  TmpfsMount,
  Volume,
  VolumeMount,
} from '../model/stack.ts';

/** A value that `JSON.stringify` prints with its keys in the order they have. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface CanonicalOptions {
  /** Also the `x-` keys inside services, networks and volumes, which Docker Compose prints in YAML but not in JSON. */
  readonly extensions?: boolean;
}

/** A stack as `docker compose config --format json` of Docker Compose 2.40.3 prints it, before it doubles `$`. */
export function canonicalStack(
  stack: Omit<Stack, 'origins'>,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  const services = mapOf((service) => canonicalService(service as Service, options))(stack.services) ?? {};
  const networks = mapOf((network) => canonicalNetwork(network as Network, options))(stack.networks);
  const volumes = mapOf((volume) => canonicalVolume(volume as Volume, options))(stack.volumes);
  return {
    name: stack.name,
    ...(networks === undefined ? {} : { networks }),
    services,
    ...(volumes === undefined ? {} : { volumes }),
    ...(sorted(stack.extensions) as { readonly [key: string]: Json }),
  };
}

/** A service with its keys in the order of Docker Compose 2.40.3 and without what is empty. */
export function canonicalService(
  service: Service,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  return { ...serviceFields(service), ...extensions(service, options) };
}

/** A network with its keys in the order of Docker Compose 2.40.3 and without what is empty. */
export function canonicalNetwork(
  network: Network,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  return { ...networkFields({ ipam: {}, ...network }), ...extensions(network, options) };
}

/** A volume with its keys in the order of Docker Compose 2.40.3 and without what is empty. */
export function canonicalVolume(
  volume: Volume,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  return { ...volumeFields(volume), ...extensions(volume, options) };
}

/** How a value is printed; `undefined` leaves it out. */
type Print = (value: unknown) => Json | undefined;

/** Left out when it is empty, as Go's `omitempty` does. */
const plain: Print = (value) =>
  value === false ||
  value === 0 ||
  value === '' ||
  value === null ||
  (Array.isArray(value) && value.length === 0)
    ? undefined
    : (value as Json | undefined);

/** Written whenever it is set. */
const whenSet: Print = (value) => value as Json | undefined;

const orNull: Print = (value) => (value === undefined ? null : (value as Json));

const orFalse: Print = (value) => value === true;

/** Sizes are texts of decimal bytes. */
const bytes: Print = (value) => (typeof value === 'number' && value !== 0 ? String(value) : undefined);

/** A map with keys in order; left out when it is empty. */
function mapOf(print: Print): (value: unknown) => { readonly [key: string]: Json } | undefined {
  return (value) => {
    if (value === undefined || value === null) return undefined;
    const entries = Object.entries(value).map(([key, one]): [string, Json] => [key, print(one) ?? null]);
    return entries.length === 0 ? undefined : Object.fromEntries(entries.toSorted(byKey));
  };
}

const map = mapOf(whenSet);

function listOf(print: Print): Print {
  return (value) => {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    return value.map((one) => print(one) ?? null);
  };
}

/** An object with all keys of the model, in this order; written even when all of them are left out. */
function fields<Part>(
  table: Readonly<Record<AttributeOf<Part>, Print>>,
): (value: object) => { readonly [key: string]: Json } {
  const printers = Object.entries<Print>(table);
  return (value) => {
    const entries: [string, Json][] = [];
    for (const [key, print] of printers) {
      const printed = print((value as Readonly<Record<string, unknown>>)[key]);
      if (printed !== undefined) entries.push([key, printed]);
    }
    return Object.fromEntries(entries);
  };
}

function ifSet(print: (value: object) => Json): Print {
  return (value) => (typeof value === 'object' && value !== null ? print(value) : undefined);
}

type Pool = NonNullable<Ipam['config']>[number];

const buildFields = fields<Build>({
  context: plain,
  dockerfile: plain,
  dockerfile_inline: plain,
  args: map,
  labels: map,
  no_cache: plain,
  pull: plain,
  target: plain,
});

const bind = fields<NonNullable<BindMount['bind']>>({
  selinux: plain,
  propagation: plain,
  create_host_path: plain,
});

const mountFields = fields<Mount>({
  type: plain,
  source: plain,
  target: plain,
  read_only: plain,
  consistency: plain,
  bind: ifSet(bind),
  volume: ifSet(fields<NonNullable<VolumeMount['volume']>>({ nocopy: plain })),
  tmpfs: ifSet(fields<NonNullable<TmpfsMount['tmpfs']>>({ size: bytes, mode: plain })),
});

const serviceFields = fields<Service>({
  profiles: plain,
  build: ifSet(buildFields),
  cap_add: plain,
  cap_drop: plain,
  command: orNull,
  container_name: plain,
  depends_on: mapOf(ifSet(fields<Dependency>({ condition: plain, restart: plain, required: orFalse }))),
  dns: plain,
  dns_opt: plain,
  dns_search: plain,
  domainname: plain,
  entrypoint: orNull,
  environment: map,
  expose: plain,
  extra_hosts: plain,
  group_add: plain,
  hostname: plain,
  healthcheck: ifSet(
    fields<Healthcheck>({
      test: plain,
      timeout: whenSet,
      interval: whenSet,
      retries: whenSet,
      start_period: whenSet,
      start_interval: whenSet,
      disable: plain,
    }),
  ),
  image: plain,
  init: whenSet,
  labels: map,
  links: plain,
  logging: ifSet(fields<NonNullable<Service['logging']>>({ driver: plain, options: map })),
  network_mode: plain,
  networks: mapOf(
    ifSet(
      fields<ServiceNetwork>({ aliases: plain, ipv4_address: plain, ipv6_address: plain, priority: plain }),
    ),
  ),
  platform: plain,
  ports: listOf(
    ifSet(
      fields<Port>({
        name: plain,
        mode: plain,
        host_ip: plain,
        target: plain,
        published: plain,
        protocol: plain,
        app_protocol: plain,
      }),
    ),
  ),
  privileged: plain,
  pull_policy: plain,
  read_only: plain,
  restart: plain,
  security_opt: plain,
  shm_size: bytes,
  stdin_open: plain,
  stop_grace_period: whenSet,
  stop_signal: plain,
  sysctls: map,
  tmpfs: plain,
  tty: plain,
  user: plain,
  volumes: listOf(ifSet(mountFields)),
  working_dir: plain,
});

const networkFields = fields<Network>({
  name: plain,
  driver: plain,
  driver_opts: map,
  ipam: ifSet(
    fields<Ipam>({
      driver: plain,
      config: listOf(ifSet(fields<Pool>({ subnet: plain, gateway: plain, ip_range: plain }))),
    }),
  ),
  external: plain,
  internal: plain,
  attachable: plain,
  labels: map,
  enable_ipv6: whenSet,
});

const volumeFields = fields<Volume>({
  name: plain,
  driver: plain,
  driver_opts: map,
  external: plain,
  labels: map,
});

function extensions(value: object, options: CanonicalOptions): { readonly [key: string]: Json } {
  if (!options.extensions) return {};
  const own = Object.entries(value).filter(([key]) => key.startsWith('x-'));
  return Object.fromEntries(own.map(([key, one]): [string, Json] => [key, sorted(one)]).toSorted(byKey));
}

/** Free data with all keys in order. */
function sorted(value: unknown): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value as Json;
  return mapOf(sorted)(value) ?? {};
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return compareBytes(a, b);
}

/** Orders texts by their UTF-8 bytes, as Go does; the order of UTF-16 differs beyond the first plane. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  const x = a.charCodeAt(at);
  const y = b.charCodeAt(at);
  if (at === length) return a.length - b.length;
  const surrogates = Number(isSurrogate(x)) - Number(isSurrogate(y));
  return surrogates === 0 ? x - y : surrogates;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
