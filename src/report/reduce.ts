import type {
  BuildPart,
  ContainerChanged,
  ContainerMeasured,
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
import { quickRun } from './exits.ts';
import { isReady, isUp, replicaState, serviceState } from './state.ts';
import { stepsOf } from './steps.ts';
import type { BuildPartView, PlanView, ReplicaView, ServiceView, StepView, Usage, View } from './view.ts';

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
const keptMeasurements = 60;
const keptParts = 200;

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
      return changeStep(becomeHealthy(stay(endContainer(view, event), event), event), event, {
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
    case 'container-measured':
      return mapRunning(view, event, (replica) => ({ ...replica, usage: measured(replica.usage, event) }));
    case 'health-probed': {
      const { probe, passed, said } = event;
      return mapRunning(view, event, (replica) => ({ ...replica, probe: { probe, passed, said } }));
    }
    case 'output-followed':
    case 'output-ended':
    case 'command-ended':
      return view;
    case 'watch-started':
      return { ...view, watch: { ...view.watch, on: true, services: event.services } };
    case 'watch-ended':
      return { ...view, watch: { on: false, services: [] } };
    case 'files-changed': {
      const { paths, services, responses, at } = event;
      const noted = services.reduce(
        (before, name) => mapService(before, name, (service) => ({ ...service, change: { at, responses } })),
        view,
      );
      return { ...noted, watch: { ...view.watch, last: { paths, services, at } } };
    }
    case 'problem-found':
      return failEarly(addProblem(view, event.problem), event.problem);
    case 'stack-joined':
      return refresh({ ...view, phase: 'running' }, event.at);
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

function makePlan(view: View, { purpose, ordered, steps, at }: PlanMade & { at: number }): View {
  const stepViews = steps.map((step): StepView => ({ ...step, state: 'pending', output: [], parts: [] }));
  // Each service goes its own way when files change: what is under way for others goes on.
  const others = isUnderWay(view.plan) && purpose === 'change' ? view.plan : undefined;
  const whole = extended(others, purpose, stepViews, at);
  const plan = ordered === undefined ? whole : { ...whole, ordered };
  const startedAt = view.startedAt ?? at;
  // A change is about some services: what the others failed of stays true.
  const all = purpose !== 'change' || steps.length === 0;
  const isNewAttempt = ({ service }: { readonly service?: string | undefined }): boolean =>
    all || service === undefined || steps.some((step) => step.service === service);
  if (endsContainers.has(purpose)) return { ...view, plan, startedAt, phase: 'stopping' };
  const isUp = purpose === 'up';
  // Images that are to be fresh, and programs, come with plans of their own.
  const before = view.phase === 'starting' ? view.startup : undefined;
  return {
    ...view,
    plan,
    ...(isUp ? { startup: before === undefined ? plan : extended(before, 'up', stepViews, at) } : {}),
    startedAt,
    phase: purpose === 'change' ? 'changing' : 'starting',
    // A new attempt: what the one before failed of is history. Warnings of the file stay true.
    problems: view.problems.filter((problem) => problem.severity === 'warning' || !isNewAttempt(problem)),
    services: view.services.map((known) => {
      const { readyAt, ...before } = known;
      const service = isUp || readyAt === undefined ? before : known;
      const { failure: _, ...rest } = service;
      return isNewAttempt({ service: service.name }) ? rest : service;
    }),
  };
}

/** A plan of steps, and those of another one before them, which goes on. */
function extended(
  before: PlanView | undefined,
  purpose: Purpose,
  added: readonly StepView[],
  at: number,
): PlanView {
  const steps = stepsOf([...(before?.steps.values() ?? []), ...added]);
  const counts = { pending: 0, running: 0, done: 0, failed: 0, skipped: 0 };
  for (const step of steps.values()) counts[step.state] += 1;
  const { done, failed, skipped } = counts;
  return { purpose, steps, madeAt: before?.madeAt ?? at, done, failed, skipped, total: steps.size };
}

function isUnderWay(plan: PlanView | undefined): boolean {
  return plan?.purpose === 'change' && plan.settledAt === undefined;
}

/** After such a plan services are not expected to run. */
const endsContainers: ReadonlySet<Purpose> = new Set(['pause', 'stop', 'kill', 'remove', 'down']);

function changeStep(
  view: View,
  { id, at }: { id: StepId; at: number },
  change: Partial<Omit<StepView, 'id' | 'service'>>,
): View {
  const step = view.plan?.steps.get(id);
  if (step === undefined) return view;
  const changed = { ...step, ...change };
  const told = changePlan(view, (plan) => withStep(plan, step, changed));
  return settle(step.service === undefined ? told : refresh(noteStep(told, changed), at, step.service), at);
}

function withStep(plan: PlanView, before: StepView, after: StepView): PlanView {
  const steps = plan.steps.with(after);
  if (before.state === after.state) return { ...plan, steps };
  const count = (state: 'done' | 'failed' | 'skipped'): number =>
    plan[state] + (after.state === state ? 1 : 0) - (before.state === state ? 1 : 0);
  return { ...plan, steps, done: count('done'), failed: count('failed'), skipped: count('skipped') };
}

/** Changes the plan, also where it is one of those that bring services up. */
function changePlan(view: View, change: (plan: PlanView) => PlanView): View {
  const { plan, startup } = view;
  if (plan === undefined) return view;
  const next = change(plan);
  if (plan.purpose !== 'up' || startup === undefined) return { ...view, plan: next };
  return { ...view, plan: next, startup: startup === plan ? next : change(startup) };
}

/** What a step tells about its service beyond a state. */
function noteStep(view: View, step: StepView): View {
  return mapService(view, step.service, (service) => {
    const { activity: _, ...rest } = service;
    const told =
      step.state === 'running' && step.text !== undefined ? { ...rest, activity: step.text } : rest;
    return step.kind === 'build-image' ? { ...told, build: step } : told;
  });
}

function progress(
  view: View,
  id: StepId,
  { text, current, total, lines = [], parts = [] }: Progress,
  at: number,
): View {
  const { output = [], parts: known = [] } = view.plan?.steps.get(id) ?? {};
  return changeStep(
    view,
    { id, at },
    {
      ...(text === undefined ? {} : { text }),
      ...(current === undefined ? {} : { current }),
      ...(total === undefined ? {} : { total }),
      output: lines.length === 0 ? output : [...output, ...lines].slice(-keptOutput),
      parts: parts.reduce((before, part) => withPart(before, part, at), known),
    },
  );
}

function withPart(
  parts: readonly BuildPartView[],
  { lines = [], ...part }: BuildPart,
  at: number,
): readonly BuildPartView[] {
  const place = parts.findIndex(({ name }) => name === part.name);
  const known = parts[place];
  if (known === undefined) {
    const startedAt = at - (part.milliseconds ?? 0);
    return withoutSurplus([...parts, { ...part, startedAt, output: lines.slice(-keptOutput) }]);
  }
  const output = lines.length === 0 ? known.output : [...known.output, ...lines].slice(-keptOutput);
  return parts.with(place, { ...known, ...part, output });
}

/** What goes on and what went wrong has to be seen, however many steps there are. */
function withoutSurplus(parts: readonly BuildPartView[]): readonly BuildPartView[] {
  if (parts.length <= keptParts) return parts;
  const place = parts.findIndex(({ state }) => state === 'done' || state === 'cached');
  return parts.toSpliced(Math.max(place, 0), 1);
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
  if (step?.container === undefined || !leaveKinds.has(step.kind)) return view;
  return mapReplica(view, { service: step.service, id: step.container }, (replica) => ({
    ...replica,
    leaving: true,
  }));
}

/** One that was restarted stays, though its end may never be heard of. */
function stay(view: View, { id, at }: { id: StepId; at: number }): View {
  const step = view.plan?.steps.get(id);
  if (step?.kind !== 'restart-container' || step.container === undefined) return view;
  return mapReplica(view, { service: step.service, id: step.container }, (replica) => {
    // The end that is still known of is the one on purpose.
    if (replica.container !== 'running') return replica;
    const facts = { ...replica, leaving: false };
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
function endContainer(view: View, { id, at }: { id: StepId; at: number }): View {
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
  const steps = view.plan?.steps.of(service) ?? [];
  return (
    steps.some((step) => step.container === id && step.state === 'done' && endKinds.has(step.kind)) &&
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
    quickEnds: quickEndsOf(same, event),
    restarts: (same?.restarts ?? 0) + (runsAgain && !same?.leaving && !isAsked ? 1 : 0),
    addresses: addressesOf(event.ports),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(same?.usage === undefined || !running ? {} : { usage: same.usage }),
    ...(same?.probe === undefined || runsAgain ? {} : { probe: same.probe }),
    leaving,
    ...(event.stopped === true || (gone && same?.stopped === true) ? { stopped: true as const } : {}),
    formerIds: formerIds.slice(-keptFormerIds),
  };
  const state = replicaState(facts, same?.state);
  return { ...facts, state, since: same?.state === state ? same.since : event.at };
}

/** Ends soon after a start, in a row; a run that lasts, or that we end, begins the count anew. */
function quickEndsOf(
  same: ReplicaView | undefined,
  { state, at }: ContainerChanged & { at: number },
): number {
  const before = same?.quickEnds ?? 0;
  const ends = same?.container === 'running' && (state === 'restarting' || state === 'exited');
  if (!ends) return before;
  const lasted = at - (same.startedAt ?? at) >= quickRun;
  return same.leaving || lasted ? 0 : before + 1;
}

/** Whether a plan has begun to start a container; titles end with its name. */
function isStarted({ service, name }: ContainerChanged, plan: PlanView | undefined): boolean {
  const steps = plan?.steps.of(service) ?? [];
  return steps.some(
    (step) => step.kind === 'start-container' && step.state !== 'pending' && step.title.endsWith(` ${name}`),
  );
}

function isFoundHealthy(service: string, plan: PlanView | undefined): boolean {
  const steps = plan?.steps.of(service) ?? [];
  return steps.some((step) => step.condition === 'healthy' && step.state === 'done');
}

function keepTail(view: View, { service: name, source, lines }: LogsWritten): View {
  return mapService(view, name, (service) => ({
    ...service,
    tail: [...service.tail, ...lines.slice(-keptTail).map((text) => ({ source, text }))].slice(-keptTail),
  }));
}

function addProblem(view: View, problem: Problem): View {
  if (view.problems.some((other) => isSameProblem(other, problem))) return view;
  return { ...view, problems: [...view.problems, problem].slice(-keptProblems) };
}

/** What goes wrong before there is a plan leaves nothing to begin. */
function failEarly(view: View, { severity }: Problem): View {
  return view.phase === 'loading' && severity === 'error' ? { ...view, phase: 'failed' } : view;
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

/** Once a plan's last step has ended, what it led to. */
function settle(view: View, at: number): View {
  const { plan } = view;
  if (plan === undefined || plan.settledAt !== undefined) return view;
  if (plan.done + plan.failed + plan.skipped < plan.total) return view;
  const settled = changePlan(view, (told) => ({ ...told, settledAt: at }));
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
  if (name === undefined) {
    const services = view.services.map((service) => refreshed(service, view, at));
    return { ...view, services, ready: services.filter((service) => isReady(service.state)).length };
  }
  const place = view.services.findIndex((service) => service.name === name);
  const before = view.services[place];
  if (before === undefined) return view;
  const after = refreshed(before, view, at);
  if (after === before) return view;
  const ready = view.ready + Number(isReady(after.state)) - Number(isReady(before.state));
  return { ...view, services: view.services.with(place, after), ready };
}

function refreshed(known: ServiceView, view: View, at: number): ServiceView {
  const service = withLasting(known, at);
  const state = serviceState(service, view);
  const isNew = state !== service.state || service.since === 0;
  const isFirst = service.readyAt === undefined && view.startup !== undefined && isUp(service, view);
  if (!isNew && !isFirst) return service;
  return { ...service, ...(isNew ? { state, since: at } : {}), ...(isFirst ? { readyAt: at } : {}) };
}

/** A container that went from crash to crash and now has run for a while does so no more. */
function withLasting(service: ServiceView, at: number): ServiceView {
  const lasts = ({ state, container, startedAt = at }: ReplicaView): boolean =>
    state === 'looping' && container === 'running' && at - startedAt >= quickRun;
  if (!service.replicas.some(lasts)) return service;
  const replicas = service.replicas.map((replica): ReplicaView => {
    if (!lasts(replica)) return replica;
    const facts = { ...replica, quickEnds: 0 };
    return { ...facts, state: replicaState(facts), since: at };
  });
  return { ...service, replicas };
}

function measured(before: Usage | undefined, { cpuPercent, memory, memoryLimit }: ContainerMeasured): Usage {
  const { cpuHistory = [], memoryHistory = [] } = before ?? {};
  return {
    cpuPercent,
    memory,
    memoryLimit,
    cpuHistory: [...cpuHistory, cpuPercent].slice(-keptMeasurements),
    memoryHistory: [...memoryHistory, memory].slice(-keptMeasurements),
  };
}

/** Changes what is known of a container that is a replica and runs; what is heard late of others is no news. */
function mapRunning(
  view: View,
  container: { readonly service: string; readonly id: string },
  change: (replica: ReplicaView) => ReplicaView,
): View {
  return mapReplica(view, container, (replica) =>
    replica.container === 'running' || replica.container === 'paused' ? change(replica) : replica,
  );
}

/** Changes what is known of a container that is a replica still. */
function mapReplica(
  view: View,
  { service: name, id }: { readonly service?: string | undefined; readonly id: string },
  change: (replica: ReplicaView) => ReplicaView,
): View {
  return mapService(view, name, (service) => {
    const place = service.replicas.findIndex((replica) => replica.id === id);
    const before = service.replicas[place];
    if (before === undefined) return service;
    const after = change(before);
    return after === before ? service : { ...service, replicas: service.replicas.with(place, after) };
  });
}

function mapService(
  view: View,
  name: string | undefined,
  change: (service: ServiceView) => ServiceView,
): View {
  const place = name === undefined ? -1 : view.services.findIndex((service) => service.name === name);
  const before = view.services[place];
  if (before === undefined) return view;
  const after = change(before);
  return after === before ? view : { ...view, services: view.services.with(place, after) };
}
