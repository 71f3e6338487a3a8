/** What the engine has of one project: a snapshot, taken in one parallel round of calls. */
export interface ObservedState {
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly ObservedVolume[];
  /** By the reference that was asked for; what the engine does not have is missing. */
  readonly images: Readonly<Record<string, ObservedImage>>;
  /** Of all networks of the engine, whoever made them. */
  readonly subnets?: readonly { readonly network: string; readonly subnet: string }[];
  /** Containers in which hooks failed; they are kept to be looked at. */
  readonly hookContainers?: readonly ObservedContainer[];
  /** What is known of the builds of services, by name; absent: nobody asked. */
  readonly builds?: Readonly<Record<string, ObservedBuild>>;
  /** The version of the engine's API, if it tells: `1.51`. */
  readonly apiVersion?: string | undefined;
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** Whether a container has a process: what runs has to be stopped before it is removed. */
export function isAlive({ state }: { readonly state: ContainerState | 'gone' }): boolean {
  return state === 'running' || state === 'restarting' || state === 'paused';
}

export type Health = 'starting' | 'healthy' | 'unhealthy';

export interface PublishedPort {
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
}

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Replica number from 1; 0 for a one-off container. */
  readonly number: number;
  readonly oneOff: boolean;
  readonly state: ContainerState;
  readonly health?: Health;
  /** Only of a container that has ended. */
  readonly exitCode?: number;
  /** The engine's own words, e.g. `Up 3 minutes (healthy)`. */
  readonly status: string;
  readonly image: string;
  readonly imageId: string;
  readonly command: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the networks the container is attached to. */
  readonly networks: readonly { readonly name: string; readonly id: string }[];
  readonly mounts: readonly ObservedMount[];
  readonly ports: readonly PublishedPort[];
  /** Ports that are exposed and to which no port of the host leads. */
  readonly exposedPorts?: readonly ExposedPort[];
}

export interface ObservedMount {
  readonly type: string;
  /** Of a volume. */
  readonly name?: string;
  /** The path on the host. */
  readonly source?: string;
  readonly target: string;
}

export type ExposedPort = Pick<PublishedPort, 'containerPort' | 'protocol'>;

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ObservedVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ObservedImage {
  /** `sha256:…` */
  readonly id: string;
  /** Paths for which every container of the image gets a volume. */
  readonly volumes: readonly string[];
  /** Ports that it says its program listens on: `5432/tcp`. Absent: that was not asked. */
  readonly exposed?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** `amd64` */
  readonly architecture?: string;
  /** When it got its name here last, in seconds since 1970. */
  readonly tagged?: number;
}

/** What the image of a service was made from, beside what a build would be made from now. */
export interface ObservedBuild {
  /**
   * `taken`: it is not known what it was made from, and nothing has changed since it was first seen, or nothing can be
   * built; `unknown`: the same, and it was not seen before.
   */
  readonly state: 'current' | 'changed' | 'taken' | 'unknown';
  /** In what they differ; empty unless it has changed. */
  readonly changes: readonly BuildChange[];
}

export interface BuildChange {
  /** `package.json`, `args.VERSION`, `image python:3.12`. */
  readonly what: string;
  readonly how: 'changed' | 'added' | 'removed';
  /** Of a file: the context, empty for that of the build itself, and its name in that. */
  readonly file?: { readonly context: string; readonly name: string };
}

/** All that projects have on an engine, and all that may use it. */
export interface EngineContents {
  /** Also those of nobody's project. */
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly LeftVolume[];
  /** Images that were built for projects and that have no name any more. */
  readonly unnamedImages: readonly {
    readonly id: string;
    /** Seconds since 1970. */
    readonly created: number;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

export interface LeftVolume extends ObservedVolume {
  /** Seconds since 1970. */
  readonly created?: number;
  /** Bytes; absent: the engine does not tell. */
  readonly size?: number;
}
