import type { Trust } from './demand.ts';
import type { EngineEvent, ImageDetails, ProcessList, VolumeDetails } from './details.ts';
import type {
  ContainerChanged,
  Emit,
  HealthProbed,
  LogsWritten,
  OutputEnded,
  ProblemFound,
  Progress,
} from './event.ts';
import type { BuildExplanation, BuiltBefore } from './explanation.ts';
import type { Neighbours, NeighboursRequest } from './neighbours.ts';
import type {
  EngineContents,
  ObservedBuild,
  ObservedContainer,
  ObservedState,
  PublishedPort,
  Trash,
  WeighedVolume,
} from './observed.ts';
import type { Action, BuildImage, ContainerRef, CreateContainer, ReplaceOrder } from './plan.ts';
import type { Problem } from './problem.ts';
import type { Build, StringMap, WatchRule } from './stack.ts';
import type { EngineStreams } from './streams.ts';

/** What `stack` needs of a container engine, in our words. Every method throws `ProblemsError` and nothing else. */
export interface Runtime extends EngineInspection, EngineStreams {
  /** A consistent snapshot of one project. */
  observe(request: ObserveRequest, signal: AbortSignal): Promise<ObservedState>;
  /**
   * Hears what happens to the project's containers until the function is called that comes out, so that who waits for one
   * meanwhile knows what went before.
   */
  listen(project: string): () => void;
  /**
   * Makes ready what `perform` takes, what builds take besides, or what `attach` takes, a moment later: while something that is
   * asked now is waited for that costs no time.
   */
  prepare(what: 'steps' | 'builds' | 'streams'): void;
  /** Carries out one action; resolves when it is true. Repeating a finished action is no error. */
  perform(action: Action, context: PerformContext): Promise<void>;
  /** In what a container differs from one that an action would make, as far as the engine tells. */
  compare(container: string, action: CreateContainer, signal: AbortSignal): Promise<readonly Difference[]>;
  /**
   * What happens to the project's containers, how the engine's runs of their healthchecks went (of those that are healthy:
   * only if they failed) and what they write, from now on; first one event for each container there
   * is. `request.finish` asks it to come to an end without losing anything, the signal cuts it at once. Survives a lost
   * connection: warns once when it is lost and once when it is back, then tells all states again and goes on with the
   * output where it was. Output that the engine does not give out is a warning.
   */
  follow(
    request: FollowRequest,
    signal: AbortSignal,
  ): AsyncIterable<ContainerChanged | HealthProbed | LogsWritten | OutputEnded | ProblemFound>;
  /**
   * Ends when all output there is was told; with `follow`, which also covers what is started meanwhile and survives a
   * lost connection, when all containers have ended. The signal cuts it at once. Output that the engine does not give
   * out is a warning.
   */
  readLogs(
    request: ReadLogsRequest,
    signal: AbortSignal,
  ): AsyncIterable<LogsWritten | OutputEnded | ProblemFound>;
  /**
   * Of those of `images` that are there, by service: whether a build now would be made from something else. With `take`, what
   * is first seen now counts from now on as what the image of another tool was made from; with `certain`, it is also found
   * out of which of them that is certain. Fails as `images` fails.
   */
  examineBuilds(
    builds: readonly ExaminedBuild[],
    images: Promise<ObservedState['images']>,
    options: { readonly take: boolean; readonly certain?: boolean },
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, ObservedBuild>>>;
  /**
   * The files of this machine that a build is made from, by the ignore file of its context and by what the Dockerfile
   * copies; all that the context gives where that is not sure.
   */
  readBuildContext(build: Build, signal: AbortSignal): Promise<FileSet>;
  /** Why the steps of a build that has taken place were done, and what is doubtful about it. */
  explainBuild(build: BuildImage, known: BuiltBefore): Promise<BuildExplanation>;
  /** What the registry of an image says that its name stands for now: `sha256:…`. */
  imageDigest(image: string, signal: AbortSignal): Promise<string>;
}

/** What `stack` asks a container engine only to show it. */
export interface EngineInspection {
  /** The containers of a project, also those that have ended; less to ask for than `observe`. */
  observeContainers(project: string, signal: AbortSignal): Promise<readonly ObservedContainer[]>;
  /** The containers of all projects, also those that have ended. */
  observeProjects(signal: AbortSignal): Promise<readonly ObservedContainer[]>;
  /** What containers have written and what is in volumes, in bytes by project; takes a while. */
  diskUsage(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** What else there is with which containers that are to be made have to get along. */
  lookAround(request: NeighboursRequest, signal: AbortSignal): Promise<Neighbours>;
  /** What all projects have, with what uses it. */
  observeContents(signal: AbortSignal): Promise<EngineContents>;
  /**
   * All volumes of the engine, with what goes if they go, and what is kept of removed ones. Sizes are told if the engine has
   * them within `patience` milliseconds; 0: they are not asked for.
   */
  weighVolumes(
    patience: number,
    signal: AbortSignal,
  ): Promise<{ readonly volumes: readonly WeighedVolume[]; readonly trash: Trash }>;
  /** By the names or ids that were asked for; what the engine does not have is missing. */
  describeImages(
    images: readonly string[],
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, ImageDetails>>>;
  /** The volumes that were made for a project, by name. */
  listVolumes(project: string, signal: AbortSignal): Promise<readonly VolumeDetails[]>;
  /** The processes of a container that runs; undefined if it does not any more. */
  listProcesses(container: string, signal: AbortSignal): Promise<ProcessList | undefined>;
  /** All that the engine tells of a container, in its own words; undefined if there is none any more. */
  inspect(container: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Asks a published port until it answers, or the signal is aborted. Undefined: this machine does not know the way there.
   * Never throws.
   */
  askPort(port: PublishedPort, signal: AbortSignal): Promise<PortAnswer | undefined>;
  /** What a file of a container says; undefined if it does not have that file. */
  readFile(container: string, path: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * What keeps a container from being as it should: why it could not be started the last time, how it failed (`service-exited`,
   * with its last lines), what its health test says (`service-unhealthy`). Undefined: nothing.
   */
  explainState(container: ContainerRef, signal: AbortSignal): Promise<Problem | undefined>;
  /** Resolves with the exit code once a container has ended. */
  awaitExit(container: string, signal: AbortSignal): Promise<number>;
  /**
   * Resolves once those containers of a project have ended that were told to end a moment ago, or a while has passed: an
   * engine goes on with that when whoever asked for it was killed.
   */
  awaitEnds(project: string, signal: AbortSignal): Promise<void>;
  /** What happens to the project's containers; ends at `until` if there is one. */
  readEvents(request: ReadEventsRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
}

export interface ExaminedBuild {
  readonly build: BuildImage;
  /** Files and folders that its containers see directly: of these counts only what is copied by name before a RUN. */
  readonly aside: readonly string[];
}

/** What a published port said. */
export interface PortAnswer {
  readonly answers: boolean;
  /** Of what speaks HTTP: `200`. */
  readonly status?: number;
  /** The words to it: `OK`. */
  readonly said?: string;
}

export interface Difference {
  /** Below the service: `environment.DB_HOST`. */
  readonly path: string;
  /** What the container has; absent: nothing. */
  readonly from?: string;
  /** What the other one would have. */
  readonly to?: string;
}

export interface ReadEventsRequest {
  readonly project: string;
  /** Seconds since 1970, with a fraction: also what happened since then. */
  readonly since?: string;
  readonly until?: string;
}

export interface ObserveRequest {
  readonly project: string;
  /** References of images to look up. */
  readonly images: readonly string[];
  /** Also all images that were built for the project. */
  readonly builtImages?: boolean;
  /** Engine names of networks and volumes that may exist outside the project. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

export interface PerformContext {
  readonly project: string;
  readonly signal: AbortSignal;
  /** Once it is aborted, what still waits to begin does not begin. */
  readonly beginning?: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** Hears of what is worth a warning though the action does what it is to do. */
  readonly doubt?: (problem: Problem) => void;
  /** Hears of healthchecks that are run because they are waited for. */
  readonly probed?: (probe: HealthProbed) => void;
  /** What configs and secrets say that are no files, by their path in the stack. */
  readonly contents: ReadonlyMap<string, string>;
  /** The variables of the project, for programs that stand for services. */
  readonly variables?: ReadonlyMap<string, string>;
  /** Hears what such programs tell. */
  readonly found?: (found: Found) => void;
}

/** What programs of this machine tell that stand for services and models. */
export type Found =
  /** For those that depend on the service. */
  | { readonly kind: 'variables'; readonly service: string; readonly variables: StringMap }
  /** Where a model is served. */
  | { readonly kind: 'endpoint'; readonly model: string; readonly url: string };

export interface FollowRequest {
  readonly project: string;
  /** Whose logs to tell, asked anew for each container that something happens to; states are told of all. */
  readonly services: Pick<ReadonlySet<string>, 'has'>;
  /** Logs of containers that already run are told from this moment on, in seconds since 1970. */
  readonly logsSince: number;
  /**
   * Aborted when following is to end: all that containers which have ended wrote is told to the end first. Those that
   * still run are not waited for. An engine that goes silent meanwhile holds it up for no more than about two seconds.
   */
  readonly finish: AbortSignal;
  /** False: how healthchecks went is not told; absent: it is. */
  readonly probes?: false;
  /** Containers that were told of before: of those that are not there any more it is told that they are gone. */
  readonly known?: readonly ContainerChanged[];
}

export interface ReadLogsRequest {
  readonly project: string;
  readonly services: readonly string[];
  readonly follow: boolean;
  /** Lines from the end, or all. */
  readonly tail: number | 'all';
  /** Only of the replica with this number. */
  readonly number?: number;
  /** Begin each line with the engine's time of it. */
  readonly timestamps: boolean;
  /** Seconds since 1970, with a fraction. */
  readonly since?: string;
  readonly until?: string;
  /**
   * Gets what is harmless as it is instead of its being told, so that it need not be looked at line by line. Resolves once
   * more may be printed. Absent: all is told.
   */
  readonly print?: (output: PrintableOutput) => Promise<void>;
}

/** Whole lines, with their ends, of a container: ASCII without any control. */
export interface PrintableOutput {
  readonly service: string;
  /** As in `LogsWritten`. */
  readonly source: string;
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

/** Changed files, gathered until the dust has settled. Paths are absolute. */
export interface FileBatch {
  readonly paths: readonly string[];
}

export interface WatchRequest {
  readonly folders: readonly string[];
  /** True for paths that no one wants to hear of; asked for folders too, so that ignored trees are not entered. */
  readonly ignored: (path: string) => boolean;
}

/** Batches of changed files until the signal is aborted. `ready` is called once all folders are watched. */
export type WatchFiles = (
  request: WatchRequest,
  ready: () => void,
  signal: AbortSignal,
) => AsyncIterable<FileBatch>;

/** Some of the files of this machine, whether they exist or not. Paths are absolute. */
export interface FileSet {
  /** Where they are. */
  readonly folders: readonly string[];
  includes(path: string): boolean;
  /** True for a folder in which no file can be included. */
  prunes(path: string): boolean;
  /** Files that say what is included, and need not be there: once one of them changes the set is to be read anew. */
  readonly rules?: readonly string[];
}

export interface RuleFiles extends FileSet {
  /** The path of the rule with all symbolic links followed. */
  readonly path: string;
  /** The name of one of the files relative to that, with `/`; empty for the path itself. */
  nameOf(file: string): string;
}

/** The files that a watch rule is about: by its own patterns, and by the ignore file of the service's build. */
export type ReadRuleFiles = (rule: WatchRule, build: Build | undefined) => Promise<RuleFiles>;

/** The files, folders and links of a set that are there now, each folder before what is in it. */
export type ListFiles = (files: FileSet, from: string) => Promise<readonly string[]>;

/**
 * Does work on a project while no one else does, waiting for whoever does before; rejects if the signal is aborted until
 * then. `isLeft`: whoever did so last was killed in the middle of it.
 */
export type Exclusively = <T>(
  project: string,
  signal: AbortSignal,
  work: (isLeft: boolean) => Promise<T>,
) => Promise<T>;

/** An address at which others can reach a machine. */
export interface NetworkAddress {
  /** Of the interface: `eth0`. */
  readonly name: string;
  readonly address: string;
}

/** What a command is given besides its options. */
export interface Surroundings {
  readonly runtime: Runtime;
  /** Paths that the engine tells are paths of this machine. */
  readonly engineIsHere: boolean;
  readonly watchFiles: WatchFiles;
  readonly readRuleFiles: ReadRuleFiles;
  readonly listFiles: ListFiles;
  /** Around all that changes a project: what is decided must still hold while it is done. */
  readonly exclusively: Exclusively;
  /** Around watching a project: throws `project-busy` if someone watches it already. */
  readonly asOnlyWatcher: Exclusively;
  readonly emit: Emit;
  /**
   * Resolves once what was emitted has been taken, or the signal is aborted: who emits as much as services write waits
   * for it, so that a slow reader holds up the engine and does not fill the memory.
   */
  readonly caughtUp: (signal: AbortSignal) => Promise<void>;
  /** Present: nothing is to be done; gets what would be, a line a step. */
  readonly rehearse?: ((plan: string) => void) | undefined;
  /** Asked before anything is made that reaches beyond the containers and the folder of a stack; absent: nobody is. */
  readonly trust?: Trust | undefined;
  /** At which addresses others can reach the machine of the engine; absent: nobody is told. */
  readonly addresses?: (() => readonly NetworkAddress[]) | undefined;
  /**
   * Gives what was found for a question before, as long as all files that were looked at to find it and the variables are as they
   * were, else finds it; absent: it is found each time. It has to be data. `forget`: it is not to be known again.
   */
  readonly recall?:
    | (<Found>(question: string, find: (forget: () => void) => Promise<Found>) => Promise<Found>)
    | undefined;
  /** How services are replaced that do not say it themselves; absent: as Docker Compose does it, `stop-first`. */
  readonly replaceOrder?: ReplaceOrder;
  /** Aborted when the user wants it to end. */
  readonly signal: AbortSignal;
  /** Aborted when the user wants it to end at once, whatever is lost. */
  readonly force: AbortSignal;
  /** Aborted when the user wants to go and the stack to stay. */
  readonly leave: AbortSignal;
}
