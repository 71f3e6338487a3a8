import type { ContainerState, Health, PublishedPort } from './observed.ts';
import type { Action, Condition, StepId } from './plan.ts';
import type { Problem } from './problem.ts';

/** Everything that can have happened, in the past tense. Each screen, `--json` and the tests listen to this union. */
export type EventBody =
  | StackLoaded
  | PlanMade
  | StepStarted
  | StepProgressed
  | StepFinished
  | StepFailed
  | StepSkipped
  | ContainerChanged
  | ContainerMeasured
  | HealthProbed
  | PortAsked
  | OutputFollowed
  | LogsWritten
  | OutputEnded
  | WatchStarted
  | WatchEnded
  | FilesChanged
  | StackChanged
  | FilesReturned
  | ProblemFound
  | StackJoined
  | StackReady
  | StopRequested
  | StackStopped
  | CommandEnded;

/** An event and when it happened, in milliseconds since 1970. */
export type Event = EventBody & { readonly at: number };

/** How a stage tells what happened; the listener adds the time unless it happened before. */
export type Emit = (event: EventBody & { readonly at?: number }) => void;

export interface StackLoaded {
  readonly type: 'stack-loaded';
  readonly name: string;
  readonly directory: string;
  readonly files: readonly string[];
  readonly services: readonly ServiceSummary[];
}

/** What a screen needs to know of a service before anything has happened to it. */
export interface ServiceSummary {
  readonly name: string;
  readonly image: string;
  readonly built: boolean;
  /** Services it waits for. */
  readonly dependsOn: readonly string[];
  /** How often the engine tests its health, in milliseconds; absent: the file does not say. */
  readonly healthInterval?: number;
}

export interface PlanMade {
  readonly type: 'plan-made';
  readonly purpose: Purpose;
  /** Of a change: not files are the reason for it, but someone who looks on wants it. */
  readonly ordered?: true;
  /** Services whose images were to be built and are not: nothing that they are built from has changed. */
  readonly unbuilt?: readonly string[];
  readonly steps: readonly PlannedStep[];
}

/** What a plan was made for. */
export type Purpose =
  | 'up'
  | 'create'
  | 'scale'
  | 'pull'
  | 'push'
  | 'publish'
  | 'build'
  | 'change'
  | 'start'
  | 'restart'
  | 'pause'
  | 'unpause'
  | 'stop'
  | 'kill'
  | 'remove'
  | 'gc'
  | 'undo'
  | 'down';

export interface PlannedStep {
  readonly id: StepId;
  readonly kind: Action['kind'] | 'publish-project';
  readonly service?: string;
  /** The id of the container that a step stops, kills or removes. */
  readonly container?: string;
  /** What a step waits for. */
  readonly condition?: Condition;
  /** It builds an image that is there, because it would be made from something else now. */
  readonly stale?: true;
  /** The step as an order: `build image coins-rng`. */
  readonly title: string;
  readonly because: string;
  /** Of a container that takes the place of another one: why that has to stop before. */
  readonly stopsFirst?: string;
  readonly after: readonly StepId[];
}

export interface StepStarted {
  readonly type: 'step-started';
  readonly id: StepId;
}

export interface StepProgressed {
  readonly type: 'step-progressed';
  readonly id: StepId;
  readonly progress: Progress;
}

/** How far a step is; all parts are optional because engines tell different things. */
export interface Progress {
  /** Short status: `[2/3] COPY . .`, `downloading`. */
  readonly text?: string;
  /** Bytes, or parts of a build. */
  readonly current?: number;
  readonly total?: number;
  /** Output of the program that does the work, e.g. of a build step. */
  readonly lines?: readonly string[];
  /** Steps of a build of which there is something new. */
  readonly parts?: readonly BuildPart[];
  /** From 2 on: it failed for a reason that may pass, which `text` tells, and is tried again. */
  readonly attempt?: number;
  /** The engine has not answered for longer than it should take, and is waited for: `text` tells how long. */
  readonly waiting?: true;
}

/** One step of a build. */
export interface BuildPart {
  /** As the builder calls it, which no other step of the build is called: `[2/5] RUN npm ci`. */
  readonly name: string;
  /** `cancelled`: something else failed, or the build was interrupted. */
  readonly state: 'running' | 'done' | 'cached' | 'failed' | 'cancelled';
  /** How long it took; absent while it runs. */
  readonly milliseconds?: number;
  /** What it wrote since it was told of last; the same lines are in `lines` of the whole. */
  readonly lines?: readonly string[];
}

export interface StepFinished {
  readonly type: 'step-finished';
  readonly id: StepId;
  readonly milliseconds: number;
}

export interface StepFailed {
  readonly type: 'step-failed';
  readonly id: StepId;
  readonly milliseconds: number;
  readonly problem: Problem;
}

export interface StepSkipped {
  readonly type: 'step-skipped';
  readonly id: StepId;
  readonly because: string;
}

export interface ContainerChanged {
  readonly type: 'container-changed';
  readonly service: string;
  readonly number: number;
  readonly id: string;
  readonly name: string;
  /** `gone` once the engine has removed it. */
  readonly state: ContainerState | 'gone';
  readonly health?: Health;
  readonly exitCode?: number;
  /** The kernel ended it for want of memory. */
  readonly outOfMemory?: boolean;
  /** It has ended because someone told it to, here or with another program. */
  readonly stopped?: true;
  /** It was removed while it ran, and nobody had asked it to stop. */
  readonly vanished?: true;
  /** How often its restart policy has started it again, if it has. */
  readonly restarts?: number;
  /** When its last run began, and when the last one that is over ended, by the engine's clock: milliseconds since 1970. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly ports: readonly PublishedPort[];
}

export interface LogsWritten {
  readonly type: 'logs-written';
  readonly service: string;
  readonly number: number;
  /** The container's name without the project, as prefixes show it: `web-1`. */
  readonly source: string;
  readonly stream: 'stdout' | 'stderr';
  readonly lines: readonly string[];
}

/** What a container uses now; told again and again while a screen shows it. */
export interface ContainerMeasured {
  readonly type: 'container-measured';
  readonly service: string;
  readonly number: number;
  readonly id: string;
  /** Of one core: 100 is all of it. */
  readonly cpuPercent: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes; without a limit of its own, all the engine has. */
  readonly memoryLimit: number;
}

/** The healthcheck of a container was run, by the engine or by us. */
export interface HealthProbed {
  readonly type: 'health-probed';
  readonly service: string;
  readonly number: number;
  readonly id: string;
  /** From 1 on, since the container has started: how many runs were heard of. */
  readonly probe: number;
  readonly passed: boolean;
  /** The last line of what the test wrote, or why it could not be run; without words its exit code. Credentials are masked. */
  readonly said: string;
}

/** A published port was asked whether anyone answers, when all that was to run ran. */
export interface PortAsked {
  readonly type: 'port-asked';
  readonly service: string;
  readonly number: number;
  readonly id: string;
  readonly hostPort: number;
  readonly containerPort: number;
  /** False: nobody until now. */
  readonly answers: boolean;
  /** Of what speaks HTTP, to `GET /`. */
  readonly status?: number;
  /** The words to that: `OK`. */
  readonly said?: string;
}

/** What some containers write is told from now on. */
export interface OutputFollowed {
  readonly type: 'output-followed';
  /** As in `LogsWritten`, in the order of their names. */
  readonly sources: readonly string[];
}

/** A run of a container has ended, and all that was written in it has been told. */
export interface OutputEnded {
  readonly type: 'output-ended';
  readonly service: string;
  readonly number: number;
  /** As in `LogsWritten`. */
  readonly source: string;
  readonly exitCode: number;
  /** Its restart policy starts it again. */
  readonly restarting: boolean;
}

export interface WatchStarted {
  readonly type: 'watch-started';
  readonly services: readonly string[];
}

/** Changes of files lead to nothing from now on, because the user wants it so. */
export interface WatchEnded {
  readonly type: 'watch-ended';
}

export interface FilesChanged {
  readonly type: 'files-changed';
  readonly paths: readonly string[];
  readonly services: readonly string[];
  /** What it leads to, in that order. */
  readonly responses: readonly WatchResponse[];
}

/** What a container has changed of files has come back to this machine. */
export interface FilesReturned {
  readonly type: 'files-returned';
  readonly service: string;
  /** Its name. */
  readonly container: string;
  /** Absolute paths of this machine. */
  readonly files: readonly string[];
}

/** Files that the stack is read from have changed. */
export interface StackChanged {
  readonly type: 'stack-changed';
  readonly files: readonly string[];
  /** Those that they say something else of now, and new ones. */
  readonly services: readonly string[];
  /** What has to be done for it, a line a step; nothing if all is as they say. */
  readonly plan: readonly string[];
  /** Containers of which nothing would be left, by name. If there are any, nothing is done until someone wants it. */
  readonly removes: readonly string[];
  /** Whether someone who looks on is asked for it. */
  readonly asks: boolean;
}

export type WatchResponse = 'rebuild' | 'sync' | 'restart' | 'exec';

export interface ProblemFound {
  readonly type: 'problem-found';
  readonly problem: Problem;
}

/** Someone looks from now on at a stack that runs already; how its containers are has been told. */
export interface StackJoined {
  readonly type: 'stack-joined';
}

/** All that was asked for runs. */
export interface StackReady {
  readonly type: 'stack-ready';
  readonly milliseconds: number;
  /** False when nothing had to be done. */
  readonly changed: boolean;
}

export interface StopRequested {
  readonly type: 'stop-requested';
  readonly force: boolean;
  /** Not the user wants it, but a container has ended by whose end all is to be stopped. */
  readonly afterExit?: true;
}

export interface StackStopped {
  readonly type: 'stack-stopped';
}

/** The verdict: what all that happened came to. Nothing is told after it. */
export interface CommandEnded {
  readonly type: 'command-ended';
  /** That of the program. */
  readonly exitCode: number;
  /** Since the first event. */
  readonly milliseconds: number;
  /** How many problems were told that are no warnings. */
  readonly errors: number;
  /** Of the stack that was loaded, in the order of the file. */
  readonly services: readonly ServiceVerdict[];
}

export interface ServiceVerdict {
  readonly name: string;
  /** What it does, in the words of the screens: `healthy`, `failed`, `skipped`. */
  readonly state: string;
  /** It runs, or has done its work. */
  readonly ready: boolean;
  /** Where its published ports answer: `http://localhost:8000`, `localhost:5432`. */
  readonly addresses: readonly string[];
}
