import type { Surround } from './discovery.ts';
import type { KeptVolume } from './observed.ts';
import type { Problem } from './problem.ts';
import type {
  Build,
  Hook,
  Model,
  Network,
  PreStartHook,
  Provider,
  Service,
  Stack,
  StackPath,
  StringMap,
  Volume,
} from './stack.ts';
import type { ReadyCheck } from './x-stack.ts';

export type StepId = string;

/** What is to be done, in an order in which one could do it step by step. */
export interface Plan {
  readonly stack: Pick<Stack, 'name' | 'directory'>;
  readonly steps: readonly Step[];
  readonly warnings: readonly Problem[];
  /** Services whose images were to be built and are not: a builder would surely give those again that are there. */
  readonly unbuilt?: readonly string[];
}

export interface Step {
  readonly id: StepId;
  readonly action: Action;
  /** Why, in words that follow "because": `environment.DB_HOST changed`. */
  readonly because: string;
  /** The steps that must have succeeded before this one may begin. */
  readonly after: readonly StepId[];
  /** What in the stack file asks for it. */
  readonly path: StackPath;
}

/** A replica of a service, as the plan speaks of it. */
export interface ContainerRef {
  readonly service: string;
  readonly number: number;
  /** The final name on the engine. */
  readonly name: string;
}

/** `ready`: healthy if it has a test for that, else it stays up; a job that has ended well is ready, too. */
export type Condition = 'healthy' | 'completed' | 'settled' | 'ready';

/** What comes first when a container takes the place of another one. With `start-first` someone answers at any time. */
export type ReplaceOrder = 'start-first' | 'stop-first';

export type Action =
  | PullImage
  | PushImage
  | BuildImage
  | CreateNetwork
  | CreateVolume
  | CloneVolume
  | CreateContainer
  | StartContainer
  | TakeOver
  | DrainContainer
  | RunHook
  | SyncFiles
  | RunCommand
  | RunPreStart
  | ProvideService
  | WithdrawService
  | PrepareModel
  | StopContainer
  | KillContainer
  | RestartContainer
  | PauseContainer
  | UnpauseContainer
  | RemoveContainer
  | RenameContainer
  | AwaitCondition
  | RemoveNetwork
  | RemoveVolume
  | KeepVolume
  | ForgetVolume
  | EndCopy
  | RemoveImage
  | PruneImages;

export interface PullImage {
  readonly kind: 'pull-image';
  readonly service: string;
  readonly image: string;
  readonly platform?: string;
  /** What in the stack names it, if that is not `image` of the service. */
  readonly path?: StackPath;
  /** There is another way to go on without it. */
  readonly optional?: boolean;
}

export interface PushImage {
  readonly kind: 'push-image';
  readonly service: string;
  readonly image: string;
  /** That it fails is no failure of the whole. */
  readonly optional?: boolean;
}

export interface BuildImage {
  readonly kind: 'build-image';
  readonly service: string;
  readonly image: string;
  readonly build: Build;
  readonly platform?: string;
  readonly labels: StringMap;
  /** Images that the builds of other services make and this one uses, by the names of its contexts. */
  readonly bases?: StringMap;
  /** What the ids of its secrets stand for. */
  readonly secrets?: readonly BuildSecret[];
  /** To be built by one of the builders of `docker buildx`, not by the engine's own. */
  readonly builder?: {
    readonly name: string;
    /** For `docker buildx bake`, with this build and those that it uses as targets. */
    readonly file: string;
    readonly target: string;
  };
  /** Only look for what is doubtful in its Dockerfile. */
  readonly check?: boolean;
  /** There is an image, and a build would make it from something else now. */
  readonly stale?: true;
  /** Settings that the words of a command gave, in the place of those of the file: `args.VERSION`. */
  readonly given?: readonly string[];
  /** Bytes that each step may use; only the classic builder knows such a limit. */
  readonly memory?: number;
}

/** A secret that steps of a build can use: a file of this machine, or what its path in the stack says. */
export interface BuildSecret {
  readonly id: string;
  readonly file?: string;
  /** `secrets.token` */
  readonly from: StackPath;
  /** The variable that it comes from. */
  readonly variable?: string;
}

export interface CreateNetwork {
  readonly kind: 'create-network';
  readonly key: string;
  readonly network: Network;
  readonly labels: StringMap;
}

export interface CreateVolume {
  readonly kind: 'create-volume';
  readonly key: string;
  readonly volume: Volume;
  readonly labels: StringMap;
}

/** Puts into a new volume what another one has. Containers that run and use that one pause meanwhile. */
export interface CloneVolume {
  readonly kind: 'clone-volume';
  readonly key: string;
  /** Engine names. */
  readonly volume: string;
  readonly from: string;
  /** Bytes that it takes to copy that; absent: nobody knows. */
  readonly size?: number;
}

/** Everything the engine needs to make one container, decided. */
export interface CreateContainer {
  readonly kind: 'create-container';
  readonly container: ContainerRef;
  /** The name to create it under; differs from the final one while the replaced container still holds that. */
  readonly createAs: string;
  readonly image: string;
  /** What that stands for; absent: it is known only once the image has been built or pulled. */
  readonly imageId?: string;
  readonly service: Service;
  /** Injected variables; they stand below everything the file itself sets. */
  readonly discovery: StringMap;
  /** What those are made out from; only if images still have to tell ports. */
  readonly surround?: Surround;
  readonly labels: StringMap;
  /** It is not to be found by the names of its service yet: the container that it replaces still answers to them. */
  readonly aside?: true;
  /** Why the container that it replaces has to stop before it starts, in words that follow "stops the old one first". */
  readonly stopsFirst?: string;
  /** Engine names of the networks to join, the first is the primary one. */
  readonly networks: readonly {
    readonly key: string;
    readonly name: string;
    readonly aliases: readonly string[];
  }[];
  /** `CONTAINER:ALIAS` pairs. */
  readonly links: readonly string[];
  /** Engine names of volumes by key. */
  readonly volumes: StringMap;
  /** Containers whose mounts it shares, as the engine takes them. */
  readonly volumesFrom: readonly string[];
  /** Containers made in the same plan whose ids belong in the place of these texts, wherever they stand in this action. */
  readonly newcomers: readonly { readonly container: ContainerRef; readonly placeholder: string }[];
  /** The text whose SHA-256 is the label of the configuration; only if ids are still missing in it. */
  readonly hashed?: string;
  /** Files of this machine that configs and secrets put into it, read-only. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Anonymous volumes of the container this one replaces, by mount target. */
  readonly inheritedVolumes: StringMap;
  /** Of a container that is made for one command. */
  readonly oneOff?: {
    /** The engine removes it at its end. */
    readonly remove: boolean;
    /** Its input is connected, and closed once nobody is connected any more. */
    readonly input: boolean;
    /** What its terminal begins with. */
    readonly size?: { readonly rows: number; readonly columns: number };
  };
}

export interface StartContainer {
  readonly kind: 'start-container';
  readonly container: ContainerRef;
  /** What is written into it before. */
  readonly contents?: readonly ContentFile[];
  /**
   * It starts under this name beside the container that it replaces, and is waited for until it is ready. If that fails it
   * is removed, and the other one runs on.
   */
  readonly beside?: Beside;
}

export interface Beside {
  /** The name that it was created under. */
  readonly name: string;
  /** The id of the container that it replaces. */
  readonly replaces: string;
  /** By what it is found out that it is ready, in the place of a healthcheck. */
  readonly ready?: ReadyCheck;
}

/** Has what asks for a service find a container that runs beside the one it replaces, too, and gives it its name. */
export interface TakeOver {
  readonly kind: 'take-over';
  readonly container: ContainerRef;
  /** How it was made. */
  readonly made: CreateContainer;
  /** The id of the container that it replaces. */
  readonly replaces: string;
}

/** Has nobody find a container any more, and waits until those are done that have. */
export interface DrainContainer {
  readonly kind: 'drain-container';
  readonly container: ContainerRef;
  readonly id: string;
  /** It is going to be stopped anyway. */
  readonly optional: true;
}

/** Runs a command of the file inside a container that has started, or is about to stop. */
export interface RunHook {
  readonly kind: 'run-hook';
  readonly container: ContainerRef;
  readonly phase: 'post_start' | 'pre_stop';
  readonly index: number;
  readonly hook: Hook;
}

/** Makes files of a container equal to those of this machine. */
export interface SyncFiles {
  readonly kind: 'sync-files';
  readonly container: ContainerRef;
  /** The id of the container that it is to replace, which runs on beside it. */
  readonly replaces?: string;
  readonly files: readonly SyncedFile[];
}

/** A file, folder or symbolic link. One that is not there any more is deleted in the container, with all in it. */
export interface SyncedFile {
  /** Absolute path on this machine. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
}

/** Runs the command of a watch rule inside a container. */
export interface RunCommand {
  readonly kind: 'run-command';
  readonly container: ContainerRef;
  /** Which rule of the service. */
  readonly index: number;
  readonly command: Hook;
}

/** Runs a command of the file in a container of its own, before any container of the service starts. */
export interface RunPreStart {
  readonly kind: 'run-pre-start';
  /** The first container of the service: the command sees its volumes. */
  readonly container: ContainerRef;
  /** The name of the container that the command runs in. */
  readonly name: string;
  readonly index: number;
  readonly hook: PreStartHook;
  readonly image: string;
  readonly environment: Readonly<Record<string, string | null>>;
  readonly labels: StringMap;
  /** Engine names of the networks to join, the first is the primary one. */
  readonly networks: CreateContainer['networks'];
  /** In the place of networks. */
  readonly networkMode?: string;
}

/** Has a program of this machine provide the service that it stands for. */
export interface ProvideService {
  readonly kind: 'provide-service';
  readonly service: string;
  readonly provider: Provider;
}

/** Has such a program take away what it provided. */
export interface WithdrawService {
  readonly kind: 'withdraw-service';
  readonly service: string;
  readonly provider: Provider;
}

/** Has a model pulled and configured by the model runner of this machine. */
export interface PrepareModel {
  readonly kind: 'prepare-model';
  readonly key: string;
  readonly model: Model;
}

/** A config or secret that is no file of this machine. What it says is not part of a plan: it may be secret. */
export interface ContentFile {
  /** Absolute path in the container. */
  readonly path: string;
  /** Its path in the stack: `secrets.password`. */
  readonly from: StackPath;
  /** Its text is the credentials of registries that there are at that moment, as the docker CLI's configuration. */
  readonly credentials?: true;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface StopContainer {
  readonly kind: 'stop-container';
  readonly container: ContainerRef;
  readonly id: string;
  /** Seconds after which it is killed; absent: what the container was created with. */
  readonly timeout?: number;
  /**
   * It has no time to end, and what follows is that it is removed: the engine does both with one call. With `volumes`, its
   * anonymous volumes go, too.
   */
  readonly removed?: { readonly volumes: boolean };
}

export interface KillContainer {
  readonly kind: 'kill-container';
  readonly container: ContainerRef;
  readonly id: string;
  /** Name or number of the signal to send instead of SIGKILL. */
  readonly signal?: string;
}

/** Ends the process if there is one, and starts the container again. */
export interface RestartContainer {
  readonly kind: 'restart-container';
  readonly container: ContainerRef;
  readonly id: string;
  /** As with `StopContainer`. */
  readonly timeout?: number;
}

export interface PauseContainer {
  readonly kind: 'pause-container';
  readonly container: ContainerRef;
  readonly id: string;
}

export interface UnpauseContainer {
  readonly kind: 'unpause-container';
  readonly container: ContainerRef;
  readonly id: string;
}

export interface RemoveContainer {
  readonly kind: 'remove-container';
  readonly container: ContainerRef;
  readonly id: string;
  /** Also its anonymous volumes. */
  readonly volumes: boolean;
}

export interface RenameContainer {
  readonly kind: 'rename-container';
  readonly container: ContainerRef;
  readonly from: string;
}

export interface AwaitCondition {
  readonly kind: 'await-condition';
  readonly service: string;
  readonly condition: Condition;
  readonly containers: readonly ContainerRef[];
  /** By what `healthy` is found out in the place of a healthcheck. */
  readonly ready?: ReadyCheck;
  /** A dependency that may fail without failing its dependants. */
  readonly optional: boolean;
  /** Seconds after which it has failed. */
  readonly within?: number;
}

export interface RemoveNetwork {
  readonly kind: 'remove-network';
  readonly name: string;
  readonly id: string;
  /** A network that others use stays; that is a failure if another one is to take its place. */
  readonly ifUsed: 'keep' | 'fail';
}

export interface RemoveVolume {
  readonly kind: 'remove-volume';
  readonly name: string;
  /** As with `RemoveNetwork`; absent: it stays. */
  readonly ifUsed?: 'fail';
}

/** Copies what a volume has to where it outlives the volume. One that has nothing is not kept. */
export interface KeepVolume {
  readonly kind: 'keep-volume';
  readonly volume: Omit<KeptVolume, 'size'>;
  /** Bytes of its files, as the engine has counted them before it was stopped; absent: it has not. */
  readonly content?: number;
  /** Bytes that are kept at most; a volume that turns out to have more goes for good, which is told. Absent: all is. */
  readonly limit?: number;
}

/** Removes what was kept of a volume, or what has come of the attempt. */
export interface ForgetVolume {
  readonly kind: 'forget-volume';
  readonly holder: string;
  /** How the volume was called; absent: it was never whole. */
  readonly name?: string;
}

/** Makes good what a copy of a volume has left behind that was broken off: its containers, and those that pause for it. */
export interface EndCopy {
  readonly kind: 'end-copy';
  /** See `BrokenCopy`. */
  readonly helper: string;
  readonly to: string;
  readonly paused: readonly string[];
  /** The volume that has got a part goes. */
  readonly removes: boolean;
}

export interface RemoveImage {
  readonly kind: 'remove-image';
  readonly image: string;
}

/** Removes images that were built for services of a project, have no name any more, and that no container is made of. */
export interface PruneImages {
  readonly kind: 'prune-images';
  readonly project: string;
  /** For each service how many of the newest stay. */
  readonly keep: Readonly<Record<string, number>>;
  /** That it fails is no failure of the whole. */
  readonly optional?: boolean;
}

/** The service an action works for, if it works for one. */
export function serviceOf(action: Action): string | undefined {
  if ('container' in action) return action.container.service;
  return 'service' in action ? action.service : undefined;
}
