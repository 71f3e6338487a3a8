import type { ContainerChanged, ContainerMeasured, PortAsked } from '../../model/event.ts';
import { isAlive } from '../../model/observed.ts';
import type { StepId } from '../../model/plan.ts';
import { addressesOf } from '../addresses.ts';
import { loopingAfter, quickEndsBefore, quickRun } from '../exits.ts';
import { isBad, replicaState } from '../state.ts';
import type { PlanView, ReplicaView, ServiceView, StepView, Usage, View } from '../view.ts';
import { mapReplica, mapService, refresh } from './services.ts';

const keptFormerIds = 4;
const keptMeasurements = 60;

/** Remembers which containers we stop ourselves. */
export function startLeaving(view: View, id: StepId): View {
  const step = view.plan?.steps.get(id);
  if (step?.container === undefined || !leaveKinds.has(step.kind)) return view;
  return mapReplica(view, { service: step.service, id: step.container }, (replica) => ({
    ...replica,
    leaving: true,
  }));
}

/** One that was restarted stays, though its end may never be heard of. */
export function stay(view: View, { id, at }: { id: StepId; at: number }): View {
  const step = view.plan?.steps.get(id);
  if (step?.kind !== 'restart-container' || step.container === undefined) return view;
  return mapReplica(view, { service: step.service, id: step.container }, (replica) => {
    // The end that is still known of is the one on purpose.
    if (replica.container !== 'running') return replica;
    const { runSince: _, ...known } = replica;
    const facts = { ...known, leaving: false };
    const state = replicaState(facts, replica.state);
    return { ...facts, state, since: at };
  });
}

/** The steps after which a container has no process. */
const endKinds: ReadonlySet<StepView['kind']> = new Set([
  'stop-container',
  'kill-container',
  'remove-container',
]);

/** Those by which a container ends on purpose, if only for a moment. */
const leaveKinds: ReadonlySet<StepView['kind']> = new Set([...endKinds, 'restart-container']);

/** What a finished step has ended counts as ended, though following it may lag behind or be over. */
export function endContainer(view: View, { id, at }: { id: StepId; at: number }): View {
  const step = view.plan?.steps.get(id);
  if (step?.container === undefined || !endKinds.has(step.kind)) return view;
  const container = step.kind === 'remove-container' ? 'gone' : 'exited';
  return mapService(view, step.service, (service) => ({
    ...service,
    replicas: service.replicas.map((replica) => {
      // Of what had ended by itself the engine knows more.
      const known = container === 'exited' && !isAlive({ state: replica.container });
      if (replica.id !== step.container || known) return replica;
      const facts = { ...replica, container, leaving: true, addresses: [] } as const;
      const state = replicaState(facts, replica.state);
      return { ...facts, state, since: state === replica.state ? replica.since : at };
    }),
  }));
}

/** Our own probe may know before the engine has looked for the first time. */
export function becomeHealthy(view: View, { id, at }: { id: StepId; at: number }): View {
  const step = view.plan?.steps.get(id);
  if (step === undefined || !tellsHealth(step)) return view;
  return mapService(view, step.service, (service) => ({
    ...service,
    replicas: service.replicas.map((replica) =>
      replica.health === 'starting' && replica.container === 'running'
        ? { ...replica, health: 'healthy', state: replica.leaving ? replica.state : 'healthy', since: at }
        : replica,
    ),
  }));
}

/** Whether a container has been ended by us and nothing was begun that could make it run again. */
function isEnded(view: View, { service, id }: ContainerChanged): boolean {
  const steps = view.plan?.steps.of(service) ?? [];
  return (
    steps.some((step) => step.container === id && step.state === 'done' && endKinds.has(step.kind)) &&
    !steps.some((step) => step.kind === 'start-container' && step.state !== 'pending')
  );
}

/** What the engine says of a container. */
export function changeContainer(view: View, event: ContainerChanged & { at: number }): View {
  // One-off containers have the number 0; they are no replicas.
  if (event.number < 1) return view;
  const changed = mapService(view, event.service, (service) => {
    const before = service.replicas.find((replica) => replica.number === event.number);
    if (before?.formerIds.includes(event.id)) return service;
    // Heard late, from two sources at once: a container is created only once.
    if (before?.id === event.id && event.state === 'created') return service;
    // From before it was stopped.
    if (before?.id === event.id && isAlive(event) && isEnded(view, event)) return service;
    // Until it takes over, and for ever if it cannot, the one that it is to replace counts.
    if (before !== undefined && before.id !== event.id && isAside(before, event, view)) return service;
    // The end of the container that is being replaced, heard before the successor was.
    if (before !== undefined && before.id !== event.id && event.state === 'gone') return service;
    const others = service.replicas.filter((replica) => replica.number !== event.number);
    const replicas = [...others, changeReplica(before, event, view)].sort((a, b) => a.number - b.number);
    if (!isMended(service, before, event, view)) return { ...service, replicas };
    const { failure: _, ...rest } = service;
    return { ...rest, replicas };
  });
  return refresh(changed, event.at, event.service);
}

/** Whether a container, by its name, only waits beside another one to take its place. */
function isAside(before: ReplicaView, { name, service }: ContainerChanged, { plan }: View): boolean {
  const steps = plan?.steps.of(service) ?? [];
  const has = (kind: StepView['kind']) => steps.some((step) => step.kind === kind);
  const isAwaited = has('create-container') && !has('take-over');
  return isAlive({ state: before.container }) && /^[0-9a-f]{12}_/.test(name) && !isAwaited;
}

/** Whether what we had failed of runs now, because someone else has started it or it has become well by itself. */
function isMended(
  { failure, replicas }: ServiceView,
  before: ReplicaView | undefined,
  event: ContainerChanged,
  { plan }: View,
): boolean {
  if (event.state !== 'running' || plan?.settledAt === undefined) return false;
  if (failure?.code === 'service-unhealthy' && becomesHealthy(before, event))
    return replicas.every(({ number, state }) => number === event.number || !isBad(state));
  return before?.id !== event.id || before.container === 'created' || before.container === 'exited';
}

/** Of one that was replaced, and of the one that could not replace it, no other one's health tells anything. */
function becomesHealthy(before: ReplicaView | undefined, { id, health }: ContainerChanged): boolean {
  return (
    before?.id === id && before.health !== undefined && before.health !== 'healthy' && health === 'healthy'
  );
}

function changeReplica(
  before: ReplicaView | undefined,
  event: ContainerChanged & { at: number },
  { phase, plan }: View,
): ReplicaView {
  const same = before?.id === event.id ? before : undefined;
  const runsAgain =
    event.state === 'running' &&
    (same?.container === 'exited' || same?.container === 'restarting' || isRunMissed(same, event));
  // The first run since a plan started it was asked for; each further one is a restart.
  const asked = isStarted(event, plan) ? plan?.madeAt : undefined;
  const isAsked = asked !== undefined && same?.startedBy !== asked;
  const isRestart = runsAgain && !same?.leaving && !isAsked;
  const leaving = (same?.leaving === true && !runsAgain) || phase === 'stopping' || phase === 'stopped';
  const formerIds = same?.formerIds ?? (before === undefined ? [] : [...before.formerIds, before.id]);
  const running = event.state === 'running' || event.state === 'paused';
  const probed =
    event.health === 'starting' &&
    !isRestart &&
    ((same?.health === 'healthy' && !runsAgain) || isFoundHealthy(event.service, plan));
  const startedBy = running && isAsked ? asked : same?.startedBy;
  const startedAt = running ? startOf(same, event, runsAgain, startedBy !== undefined) : same?.startedAt;
  // A list of containers does not tell when the run began that it tells of.
  const goesOn = same?.container === 'running' || same?.container === 'paused';
  const wasHealthy = !runsAgain && (same?.health === 'healthy' || same?.wasHealthy === true);
  const runSince = running ? (event.startedAt ?? (goesOn ? same.runSince : undefined)) : undefined;
  const counted = {
    restarts: (same?.restarts ?? 0) + (isRestart ? 1 : 0),
    unseen: same?.unseen ?? 0,
    quickEnds: quickEndsOf(same, event),
  };
  const ends = startedBy === undefined ? withUnseen(counted, event) : counted;
  // How it ended is not told again when it is removed.
  const gone = event.state === 'gone';
  // What crashes again and again is said to also while it runs for a moment.
  const keeps = gone || event.state === 'restarting' || (running && same?.state === 'looping');
  const exitCode = event.exitCode ?? (keeps ? same?.exitCode : undefined);
  const facts = {
    number: event.number,
    id: event.id,
    name: event.name,
    container: event.state,
    ...(event.health === undefined ? {} : { health: probed ? 'healthy' : event.health }),
    ...(exitCode === undefined ? {} : { exitCode }),
    // Not everyone who tells of an end knows this of it.
    outOfMemory: event.outOfMemory ?? (!running && same?.outOfMemory === true),
    ...ends,
    addresses: addressesOf(event.ports).map((address) => ({
      ...(runsAgain ? undefined : same?.addresses.find(({ text }) => text === address.text)),
      ...address,
    })),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(runSince === undefined ? {} : { runSince }),
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(same?.usage === undefined || !running ? {} : { usage: same.usage }),
    ...(same?.probe === undefined || runsAgain ? {} : { probe: same.probe }),
    leaving,
    ...(wasHealthy ? { wasHealthy } : {}),
    ...(event.stopped === true || (gone && same?.stopped === true) ? { stopped: true as const } : {}),
    formerIds: formerIds.slice(-keptFormerIds),
  };
  const isFoundLooping = ends.quickEnds > counted.quickEnds && ends.quickEnds >= loopingAfter;
  const state = replicaState(facts, isFoundLooping ? 'looping' : same?.state);
  return { ...facts, state, since: same?.state === state ? same.since : event.at };
}

/** When a run began: as it was heard of, and of one that was found running as the engine says. */
function startOf(
  same: ReplicaView | undefined,
  { at, startedAt = at }: ContainerChanged & { at: number },
  runsAgain: boolean,
  isOurs: boolean,
): number {
  if (runsAgain) return at;
  const heard = same?.startedAt ?? at;
  return isOurs ? heard : Math.min(heard, startedAt);
}

type Ends = Pick<ReplicaView, 'restarts' | 'unseen' | 'quickEnds'>;

/** Also what happened before anyone looked. */
function withUnseen(
  counted: Ends,
  { state, restarts: told = 0, startedAt = 0, endedAt = 0, at }: ContainerChanged & { at: number },
): Ends {
  // The one that is about to come counts already.
  const restarts = state === 'restarting' ? told - 1 : told;
  if (restarts <= counted.restarts) return counted;
  const hasCrashed = state === 'restarting' && endedAt > startedAt && endedAt - startedAt < quickRun;
  const isFresh = state === 'running' && at - startedAt < quickRun;
  const before = isFresh ? quickEndsBefore(startedAt - endedAt) : hasCrashed ? loopingAfter : 0;
  return {
    restarts,
    unseen: counted.unseen + restarts - counted.restarts,
    quickEnds: Math.max(counted.quickEnds, Math.min(before, told)),
  };
}

/** What one of its ports said. */
export function noteAnswer(
  replica: ReplicaView,
  { hostPort, answers, status, said }: PortAsked,
): ReplicaView {
  const answer = {
    answers,
    ...(status === undefined ? {} : { status }),
    ...(said === undefined ? {} : { said }),
  };
  return {
    ...replica,
    addresses: replica.addresses.map((address) =>
      address.hostPort === hostPort ? { ...address, answer } : address,
    ),
  };
}

/** Whether a container has ended and runs again since it was heard of: a busy engine may answer only then. */
function isRunMissed(same: ReplicaView | undefined, { state, startedAt = 0 }: ContainerChanged): boolean {
  if (state !== 'running' || same?.container !== 'running') return false;
  return same.runSince !== undefined && startedAt > same.runSince;
}

/** Ends soon after a start, in a row; a run that lasts, or that we end, begins the count anew. */
function quickEndsOf(same: ReplicaView | undefined, event: ContainerChanged & { at: number }): number {
  const before = same?.quickEnds ?? 0;
  const isOver = event.state === 'restarting' || event.state === 'exited' || isRunMissed(same, event);
  if (same?.container !== 'running' || !isOver) return before;
  const lasted = event.at - (same.startedAt ?? event.at) >= quickRun;
  return same.leaving || lasted ? 0 : before + 1;
}

/** Whether a plan has begun to start a container; titles end with its name. */
function isStarted({ service, name }: ContainerChanged, plan: PlanView | undefined): boolean {
  const steps = plan?.steps.of(service) ?? [];
  return steps.some(
    (step) => step.kind === 'start-container' && step.state !== 'pending' && step.title.endsWith(` ${name}`),
  );
}

/** Whether it ends only once what has a healthcheck is healthy. */
function tellsHealth({ condition }: StepView): boolean {
  return condition === 'healthy' || condition === 'ready';
}

function isFoundHealthy(service: string, plan: PlanView | undefined): boolean {
  const steps = plan?.steps.of(service) ?? [];
  return steps.some(
    (step) =>
      (tellsHealth(step) && step.state === 'done') || (step.kind === 'take-over' && step.state !== 'pending'),
  );
}

/** What it used before and uses now. */
export function measured(
  before: Usage | undefined,
  { cpuPercent, memory, memoryLimit }: ContainerMeasured,
): Usage {
  const { cpuHistory = [], memoryHistory = [] } = before ?? {};
  return {
    cpuPercent,
    memory,
    memoryLimit,
    cpuHistory: [...cpuHistory, cpuPercent].slice(-keptMeasurements),
    memoryHistory: [...memoryHistory, memory].slice(-keptMeasurements),
  };
}
