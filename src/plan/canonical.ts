import type {
  BindMount,
  Build,
  Config,
  CredentialSpec,
  Dependency,
  Develop,
  EnvFile,
  FileReference,
  Healthcheck,
  Hook,
  Ipam,
  Model,
  Mount,
  Network,
  Port,
  PreStartHook,
  Provider,
  Secret,
  Service,
  ServiceModel,
  ServiceNetwork,
  Stack,
  TmpfsMount,
  Volume,
  VolumeMount,
  WatchRule,
} from '../model/stack.ts';
import { resources, ulimits } from './canonical-resources.ts';
import {
  bytes,
  type CanonicalOptions,
  fields,
  ifSet,
  type Json,
  leftOut,
  listOf,
  map,
  mapOf,
  octal,
  orFalse,
  orNull,
  type Print,
  plain,
  sorted,
  whenSet,
} from './printing.ts';

/** A stack as `docker compose config --format json` of Docker Compose 2.40.3 prints it, before it doubles `$`. */
export function canonicalStack(
  stack: Omit<Stack, 'origins'>,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  const parts: Readonly<Record<string, Json | undefined>> = {
    configs: mapOf(ifSet(configFields))(stack.configs, options),
    name: stack.name,
    models: options.yaml ? mapOf(ifSet(modelFields))(stack.models, options) : undefined,
    networks: mapOf((network) => canonicalNetwork(network as Network, options))(stack.networks, options),
    secrets: mapOf(ifSet(secretFields))(stack.secrets, options),
    services:
      mapOf((service) => canonicalService(withoutLabelFiles(service as Service), options))(
        stack.services,
        options,
      ) ?? {},
    volumes: mapOf((volume) => canonicalVolume(volume as Volume, options))(stack.volumes, options),
  };
  const given = Object.entries(parts).filter((part): part is [string, Json] => part[1] !== undefined);
  return {
    ...Object.fromEntries(given),
    ...(sorted(stack.extensions, options) as { readonly [key: string]: Json }),
  };
}

/** A service of which only the labels themselves count that were read from files. */
export function withoutLabelFiles({ label_file: _, ...service }: Service): Service {
  return service;
}

/** A service with its keys in the order of Docker Compose 2.40.3 and without what is empty. */
export function canonicalService(
  service: Service,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  return serviceFields(service, options);
}

/** A network with its keys in the order of Docker Compose 2.40.3 and without what is empty. */
export function canonicalNetwork(
  network: Network,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  return networkFields({ ipam: {}, ...network }, options);
}

/** A volume with its keys in the order of Docker Compose 2.40.3 and without what is empty. */
export function canonicalVolume(
  volume: Volume,
  options: CanonicalOptions = {},
): { readonly [key: string]: Json } {
  return volumeFields(volume, options);
}

type Pool = NonNullable<Ipam['config']>[number];

const references = listOf(
  ifSet(fields<FileReference>({ source: plain, target: plain, uid: plain, gid: plain, mode: octal })),
);

/** `default`, or `ID=PATH`. Docker Compose itself fails here if there is a path. */
const sshKeys: Print = (value, options) => {
  const keys = Object.entries(map(value, options) ?? {});
  return keys.length === 0 ? undefined : keys.map(([id, path]) => (path === null ? id : `${id}=${path}`));
};

const buildFields = fields<Build>({
  context: plain,
  dockerfile: plain,
  dockerfile_inline: plain,
  entitlements: plain,
  args: map,
  provenance: plain,
  sbom: plain,
  ssh: sshKeys,
  labels: map,
  cache_from: plain,
  cache_to: plain,
  no_cache: plain,
  no_cache_filter: plain,
  additional_contexts: map,
  pull: plain,
  extra_hosts: plain,
  isolation: plain,
  network: plain,
  target: plain,
  secrets: references,
  shm_size: bytes,
  tags: plain,
  ulimits,
  platforms: plain,
  privileged: plain,
});

const hookFields = fields<Hook>({
  command: orNull,
  user: plain,
  privileged: plain,
  working_dir: plain,
  environment: map,
});

const bind = fields<NonNullable<BindMount['bind']>>({
  selinux: plain,
  propagation: plain,
  create_host_path: plain,
  recursive: plain,
});

const mountFields = fields<Mount>({
  type: plain,
  source: plain,
  target: plain,
  read_only: plain,
  consistency: plain,
  bind: ifSet(bind),
  volume: ifSet(fields<NonNullable<VolumeMount['volume']>>({ labels: map, nocopy: plain, subpath: plain })),
  tmpfs: ifSet(fields<NonNullable<TmpfsMount['tmpfs']>>({ size: bytes, mode: plain })),
  image: ifSet(fields<NonNullable<Mount['image']>>({ subpath: plain })),
});

/** Written in JSON even if there is none. */
const command: Print = (value, options) =>
  value === undefined && options.yaml ? undefined : hookFields({ ...(value as object) }, options);

/** A file that must be there is only a path. */
function envFile(value: unknown): Json {
  const { path, required = true, format } = value as EnvFile;
  return required ? path : { path, required, ...(format && { format }) };
}

const serviceFields = fields<Service>({
  profiles: plain,
  annotations: map,
  attach: whenSet,
  build: ifSet(buildFields),
  develop: ifSet(
    fields<Develop>({
      watch: listOf(
        ifSet(
          fields<WatchRule>({
            path: whenSet,
            action: whenSet,
            target: plain,
            exec: command,
            include: plain,
            ignore: plain,
            initial_sync: plain,
          }),
        ),
      ),
    }),
  ),
  blkio_config: resources.blkio,
  cap_add: plain,
  cap_drop: plain,
  cgroup_parent: plain,
  cgroup: plain,
  cpu_count: plain,
  cpu_percent: plain,
  cpu_period: plain,
  cpu_quota: plain,
  cpu_rt_period: plain,
  cpu_rt_runtime: plain,
  cpus: plain,
  cpuset: plain,
  cpu_shares: plain,
  command: orNull,
  configs: references,
  container_name: plain,
  credential_spec: ifSet(fields<CredentialSpec>({ config: plain, file: plain, registry: plain })),
  depends_on: mapOf(ifSet(fields<Dependency>({ condition: plain, restart: plain, required: orFalse }))),
  deploy: resources.deploy,
  device_cgroup_rules: plain,
  devices: resources.devices,
  dns: plain,
  dns_opt: plain,
  dns_search: plain,
  domainname: plain,
  entrypoint: orNull,
  provider: ifSet(fields<Provider>({ type: plain, options: map })),
  environment: map,
  env_file: listOf(envFile),
  expose: plain,
  extends: plain,
  external_links: plain,
  extra_hosts: plain,
  group_add: plain,
  gpus: resources.deviceRequests,
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
  ipc: plain,
  isolation: plain,
  labels: map,
  label_file: plain,
  links: plain,
  logging: ifSet(fields<NonNullable<Service['logging']>>({ driver: plain, options: map })),
  mem_limit: bytes,
  mem_reservation: bytes,
  memswap_limit: bytes,
  mem_swappiness: bytes,
  mac_address: plain,
  models: mapOf(ifSet(fields<ServiceModel>({ endpoint_var: plain, model_var: plain }))),
  network_mode: plain,
  networks: mapOf(
    ifSet(
      fields<ServiceNetwork>({
        aliases: plain,
        driver_opts: map,
        gw_priority: plain,
        interface_name: plain,
        ipv4_address: plain,
        ipv6_address: plain,
        link_local_ips: plain,
        mac_address: plain,
        priority: plain,
      }),
    ),
  ),
  oom_kill_disable: plain,
  oom_score_adj: plain,
  pid: plain,
  pids_limit: plain,
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
  runtime: plain,
  scale: whenSet,
  secrets: references,
  security_opt: plain,
  shm_size: bytes,
  stdin_open: plain,
  stop_grace_period: whenSet,
  stop_signal: plain,
  storage_opt: map,
  sysctls: map,
  tmpfs: plain,
  tty: plain,
  ulimits,
  use_api_socket: plain,
  user: plain,
  userns_mode: plain,
  uts: plain,
  volumes: listOf(ifSet(mountFields)),
  volumes_from: plain,
  working_dir: plain,
  pre_start: listOf(
    ifSet(
      fields<PreStartHook>({
        command: orNull,
        image: plain,
        user: plain,
        privileged: plain,
        working_dir: plain,
        environment: map,
        per_replica: plain,
      }),
    ),
  ),
  post_start: listOf(ifSet(hookFields)),
  pre_stop: listOf(ifSet(hookFields)),
});

const networkFields = fields<Network>({
  name: plain,
  driver: plain,
  driver_opts: map,
  ipam: ifSet(
    fields<Ipam>({
      driver: plain,
      config: listOf(
        ifSet(fields<Pool>({ subnet: plain, gateway: plain, ip_range: plain, aux_addresses: map })),
      ),
      options: leftOut,
    }),
  ),
  external: plain,
  internal: plain,
  attachable: plain,
  labels: map,
  enable_ipv4: whenSet,
  enable_ipv6: whenSet,
});

const volumeFields = fields<Volume>({
  name: plain,
  driver: plain,
  driver_opts: map,
  external: plain,
  labels: map,
});

const configFields = fields<Config>({
  name: plain,
  file: plain,
  environment: plain,
  content: plain,
  external: plain,
  labels: map,
  template_driver: plain,
});

const secretFields = fields<Secret>({
  name: plain,
  file: plain,
  environment: plain,
  external: plain,
  labels: map,
  driver: plain,
  driver_opts: map,
  template_driver: plain,
});

const modelFields = fields<Model>({
  name: plain,
  model: plain,
  context_size: plain,
  runtime_flags: plain,
});
