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
  /** Copies of volumes that whoever began them has not brought to an end, unless they still go on. */
  readonly brokenCopies?: readonly BrokenCopy[];
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

export interface BrokenCopy {
  /** What its containers and its image are known by. */
  readonly helper: string;
  /** The volume that was to get all that the other one has. */
  readonly to: string;
  readonly from: string;
  /** Ids of the containers that pause meanwhile. */
  readonly paused: readonly string[];
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
  /** Nothing that only a builder looks at comes into it either: a builder would give this very image again. */
  readonly certain?: true;
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
  readonly volumes: readonly WeighedVolume[];
  readonly trash: Trash;
  /** Images that were built for projects and that have no name any more. */
  readonly unnamedImages: readonly {
    readonly id: string;
    /** Seconds since 1970. */
    readonly created: number;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

/** A volume with what goes if it goes. */
export interface WeighedVolume extends ObservedVolume {
  readonly driver: string;
  /** The engine made up its name; absent: it does not tell. */
  readonly anonymous?: boolean;
  /** Those of its driver. */
  readonly options: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly created?: number;
  /** Bytes; absent: the engine does not tell, or not in time. */
  readonly size?: number;
}

/** What volumes had that were removed; it is kept in other volumes of the engine. */
export interface Trash {
  readonly kept: readonly KeptVolume[];
  /** Volumes into which something was to be copied, and that have not got all of it. */
  readonly unfinished: readonly UnfinishedHolder[];
}

export interface KeptVolume {
  /** What all volumes have in common that went with one command: `3f9a2c`. */
  readonly id: string;
  /** The engine's name of the volume that has the data. */
  readonly holder: string;
  /** How the volume was called, and what it takes to make it again. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Of an anonymous volume: where it was mounted. */
  readonly was?: string;
  readonly project: string;
  /** When it was made and when it was kept, in seconds since 1970. */
  readonly created?: number;
  readonly at: number;
  /** Bytes that it took to copy. */
  readonly size: number;
}

export interface UnfinishedHolder {
  readonly holder: string;
  readonly project: string;
  /** Seconds since 1970. */
  readonly created: number;
}
