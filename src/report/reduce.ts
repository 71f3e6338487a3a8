import type {
  ContainerChanged,
  Event,
  LogsWritten,
  PlanMade,
  Progress,
  Purpose,
  StackLoaded,
  StepFailed,
} from '../model/event.ts';
import { isAlive } from '../model/observed.ts';
import type { StepId } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import { addressesOf } from './addresses.ts';
import { isReady, replicaState, serviceState } from './state.ts';
import type { PlanView, ReplicaView, ServiceView, StepView, View } from './view.ts';

/** Before anything has happened. */
export const initialView: View = {
  name: '',
  directory: '',
  files: [],
  phase: 'loading',
  services: [],
  ready: 0,
  problems: [],
  watch: { on: false, services: [] },
};

const keptProblems = 50;
const keptOutput = 40;
const keptTail = 10;
const keptFormerIds = 4;

/** The view after one more event. Pure; any event in any order gives a valid view. */
export function reduce(view: View, event: Event): View {
  switch (event.type) {
    case 'stack-loaded':
      return refresh(load(view, event), event.at);
    case 'plan-made':
      return settle(refresh(makePlan(view, event), event.at), event.at);
    case 'step-started':
      return changeStep(startLeaving(view, event.id), event, { state: 'running', startedAt: event.at });
    case 'step-progressed':
      return progress(view, event.id, event.progress, event.at);
    case 'step-finished':
      return changeStep(becomeHealthy(endContainer(view, event), event), event, {
        state: 'done',
        milliseconds: event.milliseconds,
      });
    case 'step-failed':
      return failStep(view, event);
    case 'step-skipped':
      return changeStep(view, event, { state: 'skipped' });
    case 'container-changed':
      return changeContainer(view, event);
    case 'logs-written':
      return keepTail(view, event);
    case 'output-followed':
    case 'output-ended':
      return view;
    case 'watch-started':
      return { ...view, watch: { ...view.watch, on: true, services: event.services } };
    case 'files-changed': {
      const { paths, services, responses, at } = event;
      const noted = services.reduce(
        (before, name) => mapService(before, name, (service) => ({ ...service, change: { at, responses } })),
        view,
      );
      return { ...noted, watch: { ...view.watch, last: { paths, services, at } } };
    }
    case 'problem-found':
      return addProblem(view, event.problem);
    case 'stack-ready':
      return refresh(
        { ...view, phase: 'running', readyAt: event.at, readyMilliseconds: event.milliseconds },
        event.at,
      );
    case 'stop-requested':
      return refresh({ ...view, phase: 'stopping' }, event.at);
    case 'stack-stopped':
      return refresh({ ...view, phase: 'stopped' }, event.at);
  }
}

function load(view: View, { name, directory, files, services }: StackLoaded & { at: number }): View {
  const known = new Map(view.services.map((service) => [service.name, service]));
  const unique = new Map(services.map((service) => [service.name, service]));
  return {
    ...view,
    name,
    directory,
    files,
    services: [...unique.values()].map((summary) => {
      const before = known.get(summary.name);
      if (before !== undefined) return { ...before, ...summary };
      return { ...summary, state: 'waiting', since: 0, replicas: [], tail: [] };
    }),
  };
}

function makePlan(view: View, { purpose, steps, at }: PlanMade & { at: number }): View {
  const stepViews = steps.map((step): StepView => ({ ...step, state: 'pending', output: [] }));
  // Each service goes its own way when files change: what is under way for others goes on.
  const others = isUnderWay(view.plan) && purpose === 'change' ? view.plan : undefined;
  const plan = countSteps({
    purpose,
    steps: new Map([...(others?.steps ?? []), ...stepViews.map((step) => [step.id, step] as const)]),
    madeAt: others?.madeAt ?? at,
    done: 0,
    failed: 0,
    skipped: 0,
    total: 0,
  });
  const startedAt = view.startedAt ?? at;
  if (endsContainers.has(purpose)) return { ...view, plan, startedAt, phase: 'stopping' };
  return {
    ...view,
    plan,
    startedAt,
    phase: purpose === 'change' ? 'changing' : 'starting',
    // A new attempt: what the one before failed of is history. Warnings of the file stay true.
    problems: view.problems.filter((problem) => problem.severity === 'warning'),
    services: view.services.map(({ failure: _, ...service }) => service),
  };
}

function isUnderWay(plan: PlanView | undefined): boolean {
  return plan?.purpose === 'change' && plan.settledAt === undefined;
}

/** After such a plan services are not expected to run. */
const endsContainers: ReadonlySet<Purpose> = new Set(['pause', 'stop', 'kill', 'remove', 'down']);

function changeStep(
  view: View,
  { id, at }: { id: StepId; at: number },
  change: Partial<Omit<StepView, 'id'>>,
): View {
  const { plan } = view;
  const step = plan?.steps.get(id);
  if (plan === undefined || step === undefined) return view;
  const changed = { ...step, ...change };
  const next = countSteps({ ...plan, steps: new Map(plan.steps).set(id, changed) });
  const told = { ...view, plan: next };
  return settle(step.service === undefined ? told : refresh(noteStep(told, changed), at, step.service), at);
}

/** What a step tells about its service beyond a state. */
function noteStep(view: View, step: StepView): View {
  return mapService(view, step.service, (service) => {
    const { activity: _, ...rest } = service;
    if (step.state === 'running') return step.text === undefined ? rest : { ...rest, activity: step.text };
    const built = step.kind === 'build-image' && step.state === 'done' && step.milliseconds !== undefined;
    return built ? { ...rest, buildMilliseconds: step.milliseconds } : rest;
  });
}

function progress(view: View, id: StepId, { text, current, total, lines = [] }: Progress, at: number): View {
  const output = view.plan?.steps.get(id)?.output ?? [];
  return changeStep(
    view,
    { id, at },
    {
      ...(text === undefined ? {} : { text }),
      ...(current === undefined ? {} : { current }),
      ...(total === undefined ? {} : { total }),
      output: lines.length === 0 ? output : [...output, ...lines].slice(-keptOutput),
    },
  );
}

function failStep(view: View, { id, milliseconds, problem, at }: StepFailed & { at: number }): View {
  const told = addProblem(view, problem);
  // An optional condition that was not met; those that waited go on.
  if (problem.severity === 'warning') return changeStep(told, { id, at }, { state: 'done', milliseconds });
  const service = view.plan?.steps.get(id)?.service;
  const failed = mapService(told, service, (other) => ({ ...other, failure: other.failure ?? problem }));
  return changeStep(failed, { id, at }, { state: 'failed', milliseconds });
}

/** Remembers which containers we stop ourselves. */
function startLeaving(view: View, id: StepId): View {
  const step = view.plan?.steps.get(id);
  if (step?.container === undefined) return view;
  return mapService(view, step.service, (service) => ({
    ...service,
    replicas: service.replicas.map((replica) =>
      replica.id === step.container ? { ...replica, leaving: true } : replica,
    ),
  }));
}

/** What a finished step has ended counts as ended, though following it may lag behind or be over. */
function endContainer(view: View, { id, at }: { id: StepId; at: number }): View {
  const step = view.plan?.steps.get(id);
  if (step?.container === undefined) return view;
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
function becomeHealthy(view: View, { id, at }: { id: StepId; at: number }): View {
  const step = view.plan?.steps.get(id);
  if (step?.condition !== 'healthy') return view;
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
  const steps = [...(view.plan?.steps.values() ?? [])].filter((step) => step.service === service);
  return (
    steps.some((step) => step.container === id && step.state === 'done') &&
    !steps.some((step) => step.kind === 'start-container' && step.state !== 'pending')
  );
}

function changeContainer(view: View, event: ContainerChanged & { at: number }): View {
  // One-off containers have the number 0; they are no replicas.
  if (event.number < 1) return view;
  const changed = mapService(view, event.service, (service) => {
    const before = service.replicas.find((replica) => replica.number === event.number);
    if (before?.formerIds.includes(event.id)) return service;
    // Heard late, from two sources at once: a container is created only once.
    if (before?.id === event.id && event.state === 'created') return service;
    // From before it was stopped.
    if (before?.id === event.id && isAlive(event) && isEnded(view, event)) return service;
    // The end of the container that is being replaced, heard before the successor was.
    if (before !== undefined && before.id !== event.id && event.state === 'gone') return service;
    const others = service.replicas.filter((replica) => replica.number !== event.number);
    const replicas = [...others, changeReplica(before, event, view)].sort((a, b) => a.number - b.number);
    if (!isMended(before, event, view)) return { ...service, replicas };
    const { failure: _, ...rest } = service;
    return { ...rest, replicas };
  });
  return refresh(changed, event.at, event.service);
}

/** Whether someone else has made run what we had failed of. */
function isMended(before: ReplicaView | undefined, event: ContainerChanged, { plan }: View): boolean {
  if (event.state !== 'running' || plan?.settledAt === undefined) return false;
  return before?.id !== event.id || before.container === 'created' || before.container === 'exited';
}

function changeReplica(
  before: ReplicaView | undefined,
  event: ContainerChanged & { at: number },
  { phase, plan }: View,
): ReplicaView {
  const same = before?.id === event.id ? before : undefined;
  const runsAgain =
    event.state === 'running' && (same?.container === 'exited' || same?.container === 'restarting');
  const leaving = (same?.leaving === true && !runsAgain) || phase === 'stopping' || phase === 'stopped';
  const formerIds = same?.formerIds ?? (before === undefined ? [] : [...before.formerIds, before.id]);
  const running = event.state === 'running' || event.state === 'paused';
  const startedAt =
    running && !runsAgain ? (same?.startedAt ?? event.at) : running ? event.at : same?.startedAt;
  const probed =
    event.health === 'starting' &&
    ((same?.health === 'healthy' && !runsAgain) || isFoundHealthy(event.service, plan));
  // The first run since a plan started it was asked for; each further one is a restart.
  const asked = isStarted(event, plan) ? plan?.madeAt : undefined;
  const isAsked = asked !== undefined && same?.startedBy !== asked;
  const startedBy = running && isAsked ? asked : same?.startedBy;
  // How it ended is not told again when it is removed.
  const gone = event.state === 'gone';
  const exitCode = event.exitCode ?? (gone ? same?.exitCode : undefined);
  const facts = {
    number: event.number,
    id: event.id,
    name: event.name,
    container: event.state,
    ...(event.health === undefined ? {} : { health: probed ? 'healthy' : event.health }),
    ...(exitCode === undefined ? {} : { exitCode }),
    outOfMemory: event.outOfMemory ?? (gone && same?.outOfMemory === true),
    restarts: (same?.restarts ?? 0) + (runsAgain && !same?.leaving && !isAsked ? 1 : 0),
    addresses: addressesOf(event.ports),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(startedBy === undefined ? {} : { startedBy }),
    leaving,
    ...(event.stopped === true || (gone && same?.stopped === true) ? { stopped: true as const } : {}),
    formerIds: formerIds.slice(-keptFormerIds),
  };
  const state = replicaState(facts, same?.state);
  return { ...facts, state, since: same?.state === state ? same.since : event.at };
}

/** Whether a plan has begun to start a container; titles end with its name. */
function isStarted({ service, name }: ContainerChanged, plan: PlanView | undefined): boolean {
  const steps = [...(plan?.steps.values() ?? [])];
  return steps.some(
    (step) =>
      step.kind === 'start-container' &&
      step.service === service &&
      step.state !== 'pending' &&
      step.title.endsWith(` ${name}`),
  );
}

function isFoundHealthy(service: string, plan: PlanView | undefined): boolean {
  const steps = [...(plan?.steps.values() ?? [])];
  return steps.some(
    (step) => step.service === service && step.condition === 'healthy' && step.state === 'done',
  );
}

function keepTail(view: View, { service: name, source, lines }: LogsWritten): View {
  return mapService(view, name, (service) => ({
    ...service,
    tail: [...service.tail, ...lines.map((text) => ({ source, text }))].slice(-keptTail),
  }));
}

function addProblem(view: View, problem: Problem): View {
  if (view.problems.some((other) => isSameProblem(other, problem))) return view;
  return { ...view, problems: [...view.problems, problem].slice(-keptProblems) };
}

/** Whether it is the problem that a step has told already. */
export function isSameProblem(one: Problem, other: Problem): boolean {
  return (
    one === other ||
    (one.code === other.code &&
      one.message === other.message &&
      one.service === other.service &&
      one.location?.file === other.location?.file &&
      one.location?.line === other.location?.line &&
      one.location?.column === other.location?.column)
  );
}

function countSteps(plan: PlanView): PlanView {
  const counts = { pending: 0, running: 0, done: 0, failed: 0, skipped: 0 };
  for (const step of plan.steps.values()) counts[step.state] += 1;
  return {
    ...plan,
    done: counts.done,
    failed: counts.failed,
    skipped: counts.skipped,
    total: plan.steps.size,
  };
}

/** Once a plan's last step has ended, what it led to. */
function settle(view: View, at: number): View {
  const { plan } = view;
  if (plan === undefined || plan.settledAt !== undefined) return view;
  if (plan.done + plan.failed + plan.skipped < plan.total) return view;
  const settled = { ...view, plan: { ...plan, settledAt: at } };
  if (plan.purpose === 'up' && plan.failed > 0 && view.phase === 'starting')
    return { ...settled, phase: 'failed' };
  if (plan.purpose !== 'change' || view.phase !== 'changing') return settled;
  const { last } = view.watch;
  const watch =
    last === undefined || plan.failed > 0
      ? view.watch
      : { ...view.watch, last: { ...last, milliseconds: at - last.at } };
  return { ...settled, phase: 'running', watch };
}

/** Brings the states of services (or of one) and their number up to date. */
function refresh(view: View, at: number, name?: string): View {
  const services = view.services.map((service) => {
    if (name !== undefined && service.name !== name) return service;
    const state = serviceState(service, view);
    return state === service.state && service.since !== 0 ? service : { ...service, state, since: at };
  });
  return { ...view, services, ready: services.filter((service) => isReady(service.state)).length };
}

function mapService(
  view: View,
  name: string | undefined,
  change: (service: ServiceView) => ServiceView,
): View {
  if (name === undefined || !view.services.some((service) => service.name === name)) return view;
  const services = view.services.map((service) => (service.name === name ? change(service) : service));
  return { ...view, services };
}
