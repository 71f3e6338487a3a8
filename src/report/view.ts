import type { PlannedStep, Purpose, ServiceSummary, WatchResponse } from '../model/event.ts';
import type { ContainerState, Health } from '../model/observed.ts';
import type { StepId } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';

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
  /** The latest, oldest first. */
  readonly problems: readonly Problem[];
  readonly watch: WatchView;
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
  /** In the order of their numbers. */
  readonly replicas: readonly ReplicaView[];
  /** Short status of the step that works for it: `[2/3] COPY . .`. */
  readonly activity?: string;
  /** What its last failed step failed of. */
  readonly failure?: Problem;
  /** Its latest output, as it came. */
  readonly tail: readonly TailLine[];
  /** When its files changed last, and what that led to. */
  readonly change?: { readonly at: number; readonly responses: readonly WatchResponse[] };
  /** How long its last build took. */
  readonly buildMilliseconds?: number;
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
  readonly addresses: readonly Address[];
  /** When it began to run. */
  readonly startedAt?: number;
  /** The last plan that started it, by when that was made. */
  readonly startedBy?: number;
  /** We stop it, so that its end is no failure. */
  readonly leaving: boolean;
  /** Someone else has ended it. */
  readonly stopped?: true;
  /** Containers it took the place of; what is still heard of them is not about it. */
  readonly formerIds: readonly string[];
}

/** Where a published port answers. */
export interface Address {
  /** `http://localhost:8000`, or `localhost:5432` for what is not for browsers. */
  readonly text: string;
  readonly url?: string;
  readonly containerPort: number;
}

export interface PlanView {
  readonly purpose: Purpose;
  readonly steps: ReadonlyMap<StepId, StepView>;
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
