import type {
  BuildPart,
  HealthProbed,
  PlannedStep,
  PortAsked,
  Purpose,
  ServiceSummary,
  StackChanged,
  WatchResponse,
} from '../model/event.ts';
import type { ContainerState, Health } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import type { Steps } from './steps.ts';

/** What the events so far add up to: all that any screen shows. */
export interface View {
  readonly name: string;
  readonly directory: string;
  readonly files: readonly string[];
  readonly phase: Phase;
  /** In the order of the file. */
  readonly services: readonly ServiceView[];
  /** How many services are as they should be. */
  readonly ready: number;
  readonly plan?: PlanView;
  /** The last plan that brought services up, with those that led to it, e.g. of images that were built first. */
  readonly startup?: PlanView;
  /** The latest, oldest first. */
  readonly problems: readonly Problem[];
  readonly watch: WatchView;
  /** Steps of the last plan were not begun, because the user wants all to end. */
  readonly interrupted?: true;
  /** Files of the stack that have changed and wait for someone to want it, because containers would be removed. */
  readonly unapplied?: Pick<StackChanged, 'files' | 'removes'>;
  /** When the first plan was made. */
  readonly startedAt?: number;
  readonly readyAt?: number;
  /** How long it took until all ran. */
  readonly readyMilliseconds?: number;
}

type Phase = 'loading' | 'starting' | 'running' | 'changing' | 'stopping' | 'stopped' | 'failed';

export interface ServiceView extends ServiceSummary {
  readonly state: ServiceState;
  /** When it came into this state. */
  readonly since: number;
  /** When it was ready for the first time since `startup` was planned, for those that wait for it. */
  readonly readyAt?: number;
  /** In the order of their numbers. */
  readonly replicas: readonly ReplicaView[];
  /** Short status of the step that works for it: `[2/3] COPY . .`. */
  readonly activity?: string;
  /** What its last failed step failed of. */
  readonly failure?: Problem;
  /** Its latest output, as it came. */
  readonly tail: readonly TailLine[];
  /** Its last build, or the one that runs. */
  readonly build?: StepView;
  /** When its files changed last, and what that led to. */
  readonly change?: { readonly at: number; readonly responses: readonly WatchResponse[] };
}

interface TailLine {
  readonly source: string;
  readonly text: string;
}

/** What a container can be said to do. */
export type ReplicaState =
  | 'waiting'
  | 'starting'
  | 'running'
  | 'healthy'
  | 'unhealthy'
  | 'restarting'
  /** Its restart policy starts it again and again, and it ends soon each time. */
  | 'looping'
  | 'paused'
  | 'done'
  | 'failed'
  | 'stopping'
  | 'stopped'
  | 'gone';

/** What a service can be said to do; `skipped` if it is not started because something else failed. */
export type ServiceState = ReplicaState | 'pulling' | 'building' | 'creating' | 'skipped';

export interface ReplicaView {
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly state: ReplicaState;
  readonly since: number;
  /** What the engine last said. */
  readonly container: ContainerState | 'gone';
  readonly health?: Health;
  readonly exitCode?: number;
  readonly outOfMemory: boolean;
  /** How often it came back by itself. */
  readonly restarts: number;
  /** How many of these nobody saw, because they were before anyone looked. */
  readonly unseen: number;
  /** How often in a row it ended soon after a start. */
  readonly quickEnds: number;
  readonly addresses: readonly Address[];
  /** What it used when it was last measured. */
  readonly usage?: Usage;
  /** The healthcheck's last run. */
  readonly probe?: Pick<HealthProbed, 'probe' | 'passed' | 'said'>;
  /** When it began to run. */
  readonly startedAt?: number;
  /** The same by the engine's clock, as it was told last. */
  readonly runSince?: number;
  /** The last plan that started it, by when that was made. */
  readonly startedBy?: number;
  /** It was healthy before, in this run. */
  readonly wasHealthy?: true;
  /** We stop it, so that its end is no failure. */
  readonly leaving: boolean;
  /** Someone else has ended it. */
  readonly stopped?: true;
  /** Containers it took the place of; what is still heard of them is not about it. */
  readonly formerIds: readonly string[];
}

/** What a container uses, and what it used before, oldest first. */
export interface Usage {
  readonly cpuPercent: number;
  /** Bytes. */
  readonly memory: number;
  readonly memoryLimit: number;
  /** The latest values of `cpuPercent` and of `memory`, the current ones included. */
  readonly cpuHistory: readonly number[];
  readonly memoryHistory: readonly number[];
}

/** Where a published port answers. */
export interface Address {
  /** `http://localhost:8000`, or `localhost:5432` for what is not for browsers. */
  readonly text: string;
  readonly url?: string;
  readonly containerPort: number;
  /** Of this machine. */
  readonly hostPort: number;
  /** What it said when it was asked last. */
  readonly answer?: Pick<PortAsked, 'answers' | 'status' | 'said'>;
}

export interface PlanView {
  readonly purpose: Purpose;
  /** See `PlanMade`. */
  readonly ordered?: true;
  readonly steps: Steps;
  readonly madeAt: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly total: number;
  /** When its last step ended. */
  readonly settledAt?: number;
}

export interface StepView extends PlannedStep {
  readonly state: 'pending' | 'running' | 'done' | 'failed' | 'skipped';
  readonly startedAt?: number;
  readonly milliseconds?: number;
  /** Short status: `[2/3] COPY . .`. */
  readonly text?: string;
  readonly current?: number;
  readonly total?: number;
  /** The end of what the program that does the work wrote. */
  readonly output: readonly string[];
  /** Of a build: its steps in the order in which they began; of very many those that ended well first are left out. */
  readonly parts: readonly BuildPartView[];
}

export interface BuildPartView extends Omit<BuildPart, 'lines'> {
  readonly startedAt: number;
  /** The end of what it wrote. */
  readonly output: readonly string[];
}

interface WatchView {
  readonly on: boolean;
  readonly services: readonly string[];
  readonly last?: Batch;
}

/** Files that changed together and what came of it. */
export interface Batch {
  readonly paths: readonly string[];
  readonly services: readonly string[];
  readonly at: number;
  /** From the change until all was as the files say. */
  readonly milliseconds?: number;
}
