import type { Location } from './problem.ts';

/**
 * The stack in its normal form. Keys are spelled as in the Compose Specification, so that the model can be printed,
 * hashed and compared without a table of names: short forms are expanded, references are resolved, paths are absolute.
 */
export interface Stack {
  readonly name: string;
  /** What stands between the parts of the names of containers and images; absent: `-`. */
  readonly separator?: '_';
  /** Absolute project directory: what relative paths of the file are relative to. */
  readonly directory: string;
  /** Absolute paths of the stack files in the order they were merged. */
  readonly files: readonly string[];
  /** Absolute paths of the files that were named to be read instead of `.env`. */
  readonly environmentFiles: readonly string[];
  readonly services: Readonly<Record<string, Service>>;
  /** Services that the file has but that no active profile or named service switched on. */
  readonly disabledServices: readonly string[];
  /** What images are for whose services do not say: `linux/arm64`. */
  readonly defaultPlatform?: string;
  /** Services that are not among those above and whose images are built only because builds of those use them. */
  readonly bases?: Readonly<Record<string, Service>>;
  /** Services that are not among those above because a command leaves them as they are; those above use them all the same. */
  readonly others?: Readonly<Record<string, Service>>;
  /** False: services are told nothing of those that they use, and what containers were told before does not matter. */
  readonly discovery?: false;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  /** Engine names of the volumes, by key, whose data those of this stack get when they are made. */
  readonly cloned?: StringMap;
  readonly configs: Readonly<Record<string, Config>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly models: Readonly<Record<string, Model>>;
  /** Top-level `x-` keys, as written. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** Where each value was written, by dotted path: `services.web.environment.DB_HOST`, `services.web.ports[0]`. */
  readonly origins: Readonly<Record<StackPath, Location>>;
}

export type StackPath = string;

export type StringMap = Readonly<Record<string, string>>;

/** Keys that begin with `x-` are kept as they were written. */
export interface Extensible {
  readonly [extension: `x-${string}`]: unknown;
}

/** The keys of a part that tables have to list; `x-` keys are in no table. */
export type AttributeOf<Part> = Part extends unknown
  ? Extract<keyof { [Key in keyof Part as Key extends `x-${string}` ? never : Key]: unknown }, string>
  : never;

export interface Service extends Extensible {
  readonly profiles?: readonly string[];
  readonly annotations?: StringMap;
  readonly attach?: boolean;
  readonly blkio_config?: BlkioConfig;
  readonly build?: Build;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cgroup?: 'host' | 'private';
  readonly cgroup_parent?: string;
  /** Absent: the image's own. Empty: the image's own is cleared. */
  readonly command?: readonly string[];
  readonly configs?: readonly FileReference[];
  readonly container_name?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpu_shares?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly credential_spec?: CredentialSpec;
  readonly depends_on?: Readonly<Record<string, Dependency>>;
  readonly deploy?: Deploy;
  readonly develop?: Develop;
  readonly device_cgroup_rules?: readonly string[];
  readonly devices?: readonly Device[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  readonly entrypoint?: readonly string[];
  /** The final environment: env files merged in. `null` removes a variable that the image sets. */
  readonly environment?: Readonly<Record<string, string | null>>;
  /** Only in a stack for which they were not to be read. */
  readonly env_file?: readonly EnvFile[];
  readonly expose?: readonly string[];
  /** Only if what is extended is an empty service of another file: nothing was taken over. */
  readonly extends?: { readonly file?: string; readonly service: string };
  readonly external_links?: readonly string[];
  /** `HOST=IP` pairs, sorted. */
  readonly extra_hosts?: readonly string[];
  /** At least of the capability `gpu`. */
  readonly gpus?: readonly DeviceRequest[];
  readonly group_add?: readonly string[];
  readonly healthcheck?: Healthcheck;
  readonly hostname?: string;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly labels?: StringMap;
  /** The files that labels were read from, which are among them: the config hash counts both. */
  readonly label_file?: readonly string[];
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: StringMap };
  readonly mac_address?: string;
  /** Bytes. */
  readonly mem_limit?: number;
  /** Bytes. */
  readonly mem_reservation?: number;
  readonly mem_swappiness?: number;
  /** Bytes. */
  readonly memswap_limit?: number;
  readonly models?: Readonly<Record<string, ServiceModel | null>>;
  readonly network_mode?: string;
  /** By network key; `null` when the service only joins. Absent when `network_mode` is set. */
  readonly networks?: Readonly<Record<string, ServiceNetwork | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly Port[];
  readonly post_start?: readonly Hook[];
  readonly pre_start?: readonly PreStartHook[];
  readonly pre_stop?: readonly Hook[];
  readonly privileged?: boolean;
  readonly provider?: Provider;
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  /** How many containers; `deploy.replicas` says the same where both are there. */
  readonly scale?: number;
  readonly secrets?: readonly FileReference[];
  readonly security_opt?: readonly string[];
  /** Bytes. */
  readonly shm_size?: number;
  readonly stdin_open?: boolean;
  /** Duration text in the engine's spelling: `1m30s`. */
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly storage_opt?: StringMap;
  readonly sysctls?: StringMap;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  readonly ulimits?: Readonly<Record<string, Ulimit>>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly Mount[];
  /** `SERVICE` or `container:NAME`, and `:ro` or `:rw`. */
  readonly volumes_from?: readonly string[];
  readonly working_dir?: string;
}

/** One number is both the soft and the hard limit. */
export type Ulimit = number | { readonly soft: number; readonly hard: number };

export interface BlkioConfig {
  readonly weight?: number;
  readonly weight_device?: readonly { readonly path?: string; readonly weight?: number }[];
  readonly device_read_bps?: readonly DeviceRate[];
  readonly device_read_iops?: readonly DeviceRate[];
  readonly device_write_bps?: readonly DeviceRate[];
  readonly device_write_iops?: readonly DeviceRate[];
}

export interface DeviceRate {
  readonly path?: string;
  /** Bytes, or operations, a second. */
  readonly rate?: number;
}

export interface CredentialSpec {
  readonly config?: string;
  readonly file?: string;
  readonly registry?: string;
}

export interface Device {
  /** A device of the host, or the name of one as `VENDOR/CLASS=NAME`. */
  readonly source: string;
  readonly target: string;
  readonly permissions?: string;
}

export interface DeviceRequest {
  readonly capabilities?: readonly string[];
  readonly driver?: string;
  /** -1 for all. */
  readonly count?: number;
  readonly device_ids?: readonly string[];
  readonly options?: StringMap;
}

export interface Deploy extends Extensible {
  readonly mode?: string;
  readonly replicas?: number;
  /** Labels of the service, which only swarms know; they are not those of its containers. */
  readonly labels?: StringMap;
  readonly update_config?: UpdateConfig;
  readonly rollback_config?: UpdateConfig;
  readonly resources?: Resources;
  readonly restart_policy?: RestartPolicy;
  readonly placement?: Placement;
  readonly endpoint_mode?: string;
}

export interface UpdateConfig {
  readonly parallelism?: number;
  readonly delay?: string;
  readonly failure_action?: string;
  readonly monitor?: string;
  readonly max_failure_ratio?: number;
  readonly order?: 'start-first' | 'stop-first';
}

export interface Resources {
  readonly limits?: Limits;
  readonly reservations?: Reservations;
}

export interface Limits {
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly pids?: number;
}

export interface Reservations {
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly devices?: readonly DeviceRequest[];
  readonly generic_resources?: readonly GenericResource[];
}

export interface GenericResource {
  readonly discrete_resource_spec?: { readonly kind?: string; readonly value?: number };
}

export interface RestartPolicy {
  readonly condition?: string;
  readonly delay?: string;
  readonly max_attempts?: number;
  readonly window?: string;
}

export interface Placement {
  readonly constraints?: readonly string[];
  readonly preferences?: readonly { readonly spread?: string }[];
  readonly max_replicas_per_node?: number;
}

export interface EnvFile {
  /** Absolute, unless paths were to stay as they are. */
  readonly path: string;
  readonly required?: boolean;
  readonly format?: 'raw';
}

export interface Build {
  /** Absolute folder. */
  readonly context: string;
  /** Relative to the context, or absolute. Absent only with `dockerfile_inline`. */
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly args?: StringMap;
  readonly labels?: StringMap;
  readonly no_cache?: boolean;
  readonly no_cache_filter?: readonly string[];
  readonly pull?: boolean;
  readonly target?: string;
  /** Folders are absolute; `service:NAME` is what another service builds. */
  readonly additional_contexts?: StringMap;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly entitlements?: readonly string[];
  /** `HOST=IP` pairs, sorted. */
  readonly extra_hosts?: readonly string[];
  readonly isolation?: string;
  readonly network?: string;
  readonly platforms?: readonly string[];
  readonly privileged?: boolean;
  readonly provenance?: string;
  readonly sbom?: string;
  readonly secrets?: readonly FileReference[];
  /** Bytes. */
  readonly shm_size?: number;
  /** Paths of keys by id; `null` stands for the agent of the user. */
  readonly ssh?: Readonly<Record<string, string | null>>;
  readonly tags?: readonly string[];
  readonly ulimits?: Readonly<Record<string, Ulimit>>;
}

/** The use of a config or secret. */
export interface FileReference {
  readonly source: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: number;
}

export interface ServiceModel {
  readonly endpoint_var?: string;
  readonly model_var?: string;
}

export interface Develop {
  readonly watch?: readonly WatchRule[];
}

export interface WatchRule {
  /** Absolute. */
  readonly path: string;
  readonly action: 'rebuild' | 'sync' | 'restart' | 'sync+restart' | 'sync+exec';
  /** Absent only where nothing is copied. */
  readonly target?: string;
  readonly exec?: Hook;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly initial_sync?: boolean;
}

export interface Hook {
  readonly command: readonly string[] | null;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}

export interface PreStartHook extends Hook {
  readonly image?: string;
  readonly per_replica?: boolean;
}

/** A program that stands for a service. */
export interface Provider {
  readonly type: string;
  readonly options?: Readonly<Record<string, readonly string[]>>;
}

export type DependencyCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

export interface Dependency {
  readonly condition: DependencyCondition;
  /** Restart the dependant when the dependency is replaced. */
  readonly restart?: boolean;
  readonly required: boolean;
}

export interface Healthcheck {
  /** `['CMD', …]`, `['CMD-SHELL', text]` or `['NONE']`; absent means the image's own test. */
  readonly test?: readonly string[];
  readonly timeout?: string;
  readonly interval?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly disable?: boolean;
}

export interface ServiceNetwork {
  readonly aliases?: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly interface_name?: string;
  readonly driver_opts?: StringMap;
  readonly gw_priority?: number;
  readonly priority?: number;
}

export interface Port {
  /** Said about the port for people to read. */
  readonly name?: string;
  readonly app_protocol?: string;
  readonly mode?: string;
  readonly host_ip?: string;
  readonly target: number;
  /** Text because it may be a range; absent for a port the engine chooses. */
  readonly published?: string;
  readonly protocol: string;
}

export type Mount = BindMount | VolumeMount | TmpfsMount | OtherMount;

export interface BindMount extends MountOptions {
  readonly type: 'bind';
  readonly source: string;
}

export interface VolumeMount extends MountOptions {
  readonly type: 'volume';
  /** Volume key; absent for an anonymous volume. */
  readonly source?: string;
}

interface MountOptions {
  readonly target: string;
  readonly read_only?: boolean;
  /** Accepted and not used. */
  readonly consistency?: string;
  /** Options of the other type are kept, because the config hash covers them. */
  readonly bind?: {
    readonly selinux?: string;
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly recursive?: 'enabled' | 'disabled' | 'writable' | 'readonly';
  };
  readonly volume?: { readonly labels?: StringMap; readonly nocopy?: boolean; readonly subpath?: string };
  readonly tmpfs?: { readonly size?: number; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
}

export interface TmpfsMount extends MountOptions {
  readonly type: 'tmpfs';
}

export interface OtherMount extends MountOptions {
  readonly type: 'image' | 'npipe' | 'cluster';
  readonly source?: string;
}

export interface Network extends Extensible {
  /** The name on the engine. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: StringMap;
  readonly ipam?: Ipam;
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: StringMap;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
}

export interface Ipam {
  readonly driver?: string;
  readonly config?: readonly {
    readonly subnet?: string;
    readonly gateway?: string;
    readonly ip_range?: string;
    readonly aux_addresses?: StringMap;
  }[];
  readonly options?: StringMap;
}

export interface Volume extends Extensible {
  /** The name on the engine. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: StringMap;
  readonly external?: boolean;
  readonly labels?: StringMap;
}

/** Exactly one of `file`, `environment` and `content` is there, unless it is external. */
export interface Config extends Extensible {
  readonly name: string;
  /** Absolute. */
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: StringMap;
  readonly template_driver?: string;
}

/** One of `file` and `environment` is there, unless it is external. */
export interface Secret extends Extensible {
  readonly name: string;
  /** Absolute. */
  readonly file?: string;
  readonly environment?: string;
  readonly external?: boolean;
  readonly labels?: StringMap;
  readonly driver?: string;
  readonly driver_opts?: StringMap;
  readonly template_driver?: string;
}

export interface Model extends Extensible {
  readonly name?: string;
  readonly model: string;
  readonly context_size?: number;
  readonly runtime_flags?: readonly string[];
}

type Naming = Pick<Stack, 'name' | 'separator'>;

/** A name for what a stack has only one of on the engine: `shop-web-1`. */
export function nameWithin(stack: Naming, ...parts: readonly (string | number)[]): string {
  return [stack.name, ...parts].join(stack.separator ?? '-');
}

/** The image a service runs: its own name, or the one Docker Compose gives to what it builds. */
export function imageOf(stack: Naming, serviceName: string, service: Service): string {
  return service.image ?? nameWithin(stack, serviceName);
}

/** `vendor.com/class=name`: a device that a description on the engine's machine names. */
export function isNamedDevice(source: string): boolean {
  return /^[^/]+\/[^/=]+=.+$/.test(source);
}

/** The names of a Dockerfile in its context, the first that is there counts: `dockerfile` in the place of `Dockerfile`, as with docker buildx. */
export function dockerfileNames(dockerfile = 'Dockerfile'): readonly [string, ...string[]] {
  const lower = dockerfile.replace(/(^|\/)Dockerfile$/, '$1dockerfile');
  return lower === dockerfile ? [dockerfile] : [dockerfile, lower];
}

/** True for a context that the builder itself fetches: a git repository, an archive, an image. */
export function isRemoteContext(context: string): boolean {
  return context.includes('://') || /^(?:github\.com\/|git@)/.test(context);
}

/** The services whose images a build uses by the names of its additional contexts. */
export function basesOf({
  additional_contexts: contexts = {},
}: Build): readonly (readonly [string, string])[] {
  return Object.entries(contexts).flatMap(([key, value]) =>
    value.startsWith('service:') ? [[key, value.slice('service:'.length)] as const] : [],
  );
}

/** The services that are not among those that are chosen and whose images the builds of these use, also by others. */
export function basesFor(
  chosen: Readonly<Record<string, Service>>,
  all: Readonly<Record<string, Service>>,
): Readonly<Record<string, Service>> {
  const found: Record<string, Service> = {};
  const waiting = Object.values(chosen);
  for (let service = waiting.pop(); service !== undefined; service = waiting.pop()) {
    for (const [, name] of service.build === undefined ? [] : basesOf(service.build)) {
      const base = all[name];
      if (base === undefined || chosen[name] !== undefined || found[name] !== undefined) continue;
      found[name] = base;
      waiting.push(base);
    }
  }
  return found;
}

/** The path of a key below a path; a key with a dot or a bracket is quoted: `services["a.b"].image`. */
export function joinPath(path: StackPath, key: string): StackPath {
  if (key === '' || /[.[\]]/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The path and all that enclose it, from the outermost inwards. */
export function pathsTo(path: StackPath): StackPath[] {
  const ends = path.matchAll(/\["(?:[^"\\]|\\.)*"\]|\[[0-9]*\]|\.?[^.[]+|./gs);
  return [...ends].map((step) => path.slice(0, step.index + step[0].length));
}

/**
 * Where a path was written; the nearest enclosing one if the exact path was not. A name with dots after the section may
 * stand without quotes: `services.a.b.image`.
 */
export function originOf({ origins }: Pick<Stack, 'origins'>, path: StackPath): Location | undefined {
  if (Object.hasOwn(origins, path)) return origins[path];
  const [section = '', ...words] = path.split('.');
  const quoted = words.map((_, index) => joinPath(section, words.slice(0, index + 1).join('.'))).slice(1);
  const known = [...pathsTo(path), ...quoted].findLast((at) => Object.hasOwn(origins, at));
  return known === undefined ? undefined : origins[known];
}
