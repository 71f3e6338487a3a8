import type { Location } from './problem.ts';

/**
 * The stack in its normal form. Keys are spelled as in the Compose Specification, so that the model can be printed,
 * hashed and compared without a table of names: short forms are expanded, references are resolved, paths are absolute.
 */
export interface Stack {
  readonly name: string;
  /** Absolute project directory: what relative paths of the file are relative to. */
  readonly directory: string;
  /** Absolute paths of the stack files in the order they were merged. */
  readonly files: readonly string[];
  readonly services: Readonly<Record<string, Service>>;
  /** Services that the file has but that no active profile or named service switched on. */
  readonly disabledServices: readonly string[];
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
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
  readonly build?: Build;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  /** Absent: the image's own. Empty: the image's own is cleared. */
  readonly command?: readonly string[];
  readonly container_name?: string;
  readonly depends_on?: Readonly<Record<string, Dependency>>;
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  readonly entrypoint?: readonly string[];
  /** The final environment: env files merged in. `null` removes a variable that the image sets. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly expose?: readonly string[];
  /** `HOST=IP` pairs, sorted. */
  readonly extra_hosts?: readonly string[];
  readonly group_add?: readonly string[];
  readonly healthcheck?: Healthcheck;
  readonly hostname?: string;
  readonly image?: string;
  readonly init?: boolean;
  readonly labels?: StringMap;
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: StringMap };
  readonly network_mode?: string;
  /** By network key; `null` when the service only joins. Absent when `network_mode` is set. */
  readonly networks?: Readonly<Record<string, ServiceNetwork | null>>;
  readonly platform?: string;
  readonly ports?: readonly Port[];
  readonly privileged?: boolean;
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly security_opt?: readonly string[];
  /** Bytes. */
  readonly shm_size?: number;
  readonly stdin_open?: boolean;
  /** Duration text in the engine's spelling: `1m30s`. */
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly sysctls?: StringMap;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  readonly user?: string;
  readonly volumes?: readonly Mount[];
  readonly working_dir?: string;
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
  readonly pull?: boolean;
  readonly target?: string;
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

export type Mount = BindMount | VolumeMount | TmpfsMount;

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
  };
  readonly volume?: { readonly nocopy?: boolean };
}

export interface TmpfsMount {
  readonly type: 'tmpfs';
  readonly target: string;
  readonly read_only?: boolean;
  readonly tmpfs?: { readonly size?: number; readonly mode?: number };
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
  readonly enable_ipv6?: boolean;
}

export interface Ipam {
  readonly driver?: string;
  readonly config?: readonly {
    readonly subnet?: string;
    readonly gateway?: string;
    readonly ip_range?: string;
  }[];
}

export interface Volume extends Extensible {
  /** The name on the engine. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: StringMap;
  readonly external?: boolean;
  readonly labels?: StringMap;
}

/** The image a service runs: its own name, or the one Docker Compose gives to what it builds. */
export function imageOf(stack: Pick<Stack, 'name'>, serviceName: string, service: Service): string {
  return service.image ?? `${stack.name}-${serviceName}`;
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
