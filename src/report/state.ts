import { loopingAfter } from './exits.ts';
import type {
  PlanView,
  ReplicaState,
  ReplicaView,
  ServiceState,
  ServiceView,
  StepView,
  View,
} from './view.ts';

/** Which of a service's replicas speaks for it: what went wrong first, then what goes on, then what is well. */
const precedence: readonly ReplicaState[] = [
  'failed',
  'unhealthy',
  'looping',
  'restarting',
  'stopping',
  'starting',
  'waiting',
  'paused',
  'running',
  'healthy',
  'done',
  'stopped',
  'gone',
];

const alive: ReadonlySet<ServiceState> = new Set(['running', 'healthy', 'unhealthy', 'starting', 'paused']);

/** Whether nothing more is to be done for it: it runs, or has done its work. */
export function isReady(state: ServiceState): boolean {
  return state === 'running' || state === 'healthy' || state === 'done';
}

/** Whether it is on its way to another state. */
export function isInProgress(state: ServiceState): boolean {
  return inProgress.has(state);
}

const inProgress: ReadonlySet<ServiceState> = new Set([
  'pulling',
  'building',
  'creating',
  'starting',
  'restarting',
  'stopping',
]);

/** Whether someone has to look at it. */
export function isBad(state: ServiceState): boolean {
  return state === 'failed' || state === 'unhealthy' || state === 'looping';
}

/** What a replica does, from what the engine says of its container. */
export function replicaState(
  replica: Omit<ReplicaView, 'state' | 'since'>,
  before?: ReplicaState,
): ReplicaState {
  switch (replica.container) {
    case 'created':
      return 'waiting';
    case 'running':
      if (replica.leaving) return 'stopping';
      // It has only just been started again; that it lasts this time has to be seen.
      if (before === 'looping' && isLooping(replica)) return 'looping';
      if (replica.health === undefined) return 'running';
      return replica.health;
    case 'paused':
      return 'paused';
    case 'restarting':
      return isLooping(replica) ? 'looping' : 'restarting';
    case 'removing':
      return before === 'failed' ? 'failed' : 'stopping';
    case 'exited':
    case 'dead':
      return endState(replica, before);
    case 'gone':
      // That it failed stays worth knowing when we have removed it; who else does knows it.
      return before === 'failed' && replica.leaving ? 'failed' : 'gone';
  }
}

function isLooping({ quickEnds }: Pick<ReplicaView, 'quickEnds'>): boolean {
  return quickEnds >= loopingAfter;
}

function endState(replica: Omit<ReplicaView, 'state' | 'since'>, before?: ReplicaState): ReplicaState {
  if (replica.stopped === true) return 'stopped';
  if (before === 'failed') return 'failed';
  if (replica.leaving || (replica.exitCode === undefined && !replica.outOfMemory)) return 'stopped';
  if (replica.exitCode === 0) return 'done';
  // Found like this: the signals by which it was stopped before our time.
  const signalled = replica.exitCode === 137 || replica.exitCode === 143;
  return before === undefined && signalled && !replica.outOfMemory ? 'stopped' : 'failed';
}

/** What a service does, from its steps and its replicas. */
export function serviceState(service: ServiceView, view: View): ServiceState {
  const steps = stepsFor(service.name, view.plan);
  const running = steps.find((step) => step.state === 'running');
  if (running !== undefined && service.failure === undefined) return stateDuring(running);
  if (service.failure !== undefined) return 'failed';
  const ending = view.phase === 'stopping' || view.phase === 'stopped';
  if (!ending && steps.some((step) => step.state === 'pending')) return 'waiting';
  const states = new Set(service.replicas.map((replica) => replica.state));
  const told = precedence.find((state) => states.has(state));
  if (!ending && steps.some((step) => step.state === 'skipped') && (told === undefined || !alive.has(told))) {
    return told === 'failed' ? 'failed' : 'skipped';
  }
  // What the engine says of a container may lag behind the step that has started it.
  const started = steps.some((step) => step.kind === 'start-container' && step.state === 'done');
  if (told === 'waiting' && started && !ending) return 'running';
  // What was never started waits for nothing any more.
  if (told === 'waiting' && view.phase === 'stopped') return 'stopped';
  if (told === 'running' && !ending && isLookedAt(service, view)) return 'starting';
  if (told !== undefined) return told;
  if (ending) return view.phase === 'stopped' ? 'stopped' : (endOfSteps(steps) ?? 'waiting');
  // Where nobody follows the containers, all count as running once the stack is ready.
  return started || view.phase === 'running' ? 'running' : 'waiting';
}

/** Whether it is being found out if a service is ready, of whose health the engine knows nothing. */
function isLookedAt({ name, replicas }: ServiceView, { plan }: View): boolean {
  const steps = plan?.steps.of(name) ?? [];
  return (
    replicas.every(({ health }) => health === undefined) &&
    steps.some(
      ({ condition, state }) => condition === 'healthy' && (state === 'pending' || state === 'running'),
    )
  );
}

/** What the steps have made of a service whose containers nobody follows. */
function endOfSteps(steps: readonly StepView[]): ServiceState | undefined {
  const last = steps.findLast(({ state }) => state === 'done');
  if (last === undefined) return undefined;
  return last.kind === 'remove-container' ? 'gone' : 'stopped';
}

function stateDuring(step: StepView): ServiceState {
  switch (step.kind) {
    case 'pull-image':
      return 'pulling';
    case 'build-image':
      return 'building';
    case 'start-container':
    case 'take-over':
    case 'restart-container':
      return 'starting';
    case 'stop-container':
    case 'kill-container':
    case 'remove-container':
      return 'stopping';
    default:
      return 'creating';
  }
}

const clearing: ReadonlySet<StepView['kind']> = new Set([
  'drain-container',
  'stop-container',
  'remove-container',
]);

/** The steps that work for a service. Waiting until it is healthy is work for those that wait. */
function stepsFor(service: string, plan: PlanView | undefined): readonly StepView[] {
  const steps = plan?.steps.of(service).filter(({ kind }) => kind !== 'await-condition') ?? [];
  // What has been taken over from is of no concern to who uses the service.
  const isReplaced = steps.some(({ kind }) => kind === 'take-over');
  return isReplaced ? steps.filter(({ kind }) => !clearing.has(kind)) : steps;
}

/** Whether a service is as those that wait for it want it: all that `startup` does for it is done, and it is not starting any more. */
export function isUp({ name, replicas }: ServiceView, { startup }: View): boolean {
  const steps = startup?.steps.of(name) ?? [];
  // That a job runs is not what others wait for. Health is known of the containers.
  const counts = ({ kind, condition }: StepView): boolean =>
    kind !== 'await-condition' || condition === 'completed';
  if (steps.some((step) => counts(step) && step.state !== 'done')) return false;
  const present = replicas.filter(({ container }) => container !== 'gone');
  if (present.length > 0) return present.every(({ state }) => isReady(state));
  // Where nobody follows the containers.
  return steps.length > 0 && steps.every(({ state }) => state === 'done');
}

/**
 * What the next step for a service cannot begin without, in words that follow "waits for": `redis: started`,
 * `db: healthy, probe 3, last: connection refused`.
 */
export function waitsFor(service: string, { plan, services }: View): readonly string[] {
  const next = stepsFor(service, plan).find((step) => step.state === 'pending');
  if (plan === undefined || next === undefined) return [];
  const waits = next.after
    .map((id) => plan.steps.get(id))
    .filter((step) => step !== undefined)
    .filter((step) => step.state === 'pending' || step.state === 'running')
    .map((step) => ({ words: describeWait(step), probe: describeProbe(step, services) }));
  // What the longer ones end with could be taken for the next one.
  return [...waits.filter(({ probe }) => probe === ''), ...waits.filter(({ probe }) => probe !== '')].map(
    ({ words, probe }) => `${words}${probe}`,
  );
}

function describeWait({ kind, service, condition, title }: StepView): string {
  if (service === undefined) return title;
  if (condition !== undefined) return `${service}: ${condition}`;
  return kind === 'start-container' ? `${service}: started` : title;
}

/** How the healthcheck that is waited for went last: `, probe 3, last: connection refused`. */
function describeProbe({ kind, service }: StepView, services: readonly ServiceView[]): string {
  if (kind !== 'await-condition') return '';
  const replicas = services.find(({ name }) => name === service)?.replicas ?? [];
  const probe = replicas.find(({ state, probe }) => !isReady(state) && probe?.passed === false)?.probe;
  if (probe === undefined) return '';
  return `, probe ${probe.probe}${probe.said === '' ? '' : `, last: ${probe.said}`}`;
}
