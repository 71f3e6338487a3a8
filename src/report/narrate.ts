import type {
  Event,
  FilesChanged,
  PlanMade,
  PlannedStep,
  PortAsked,
  StackChanged,
  StackReady,
  StepFailed,
  StepFinished,
  StepProgressed,
  WatchResponse,
} from '../model/event.ts';
import type { Problem } from '../model/problem.ts';
import { addressesOfService, describeAnswer } from './addresses.ts';
import { dependants, describeEnd, describeLoop, hintFor } from './exits.ts';
import { createPainter } from './paint.ts';
import { shownPath } from './paths.ts';
import { summarisePlan } from './planned.ts';
import { countProblems, formatProblem, labelled } from './problems.ts';
import { isSameProblem } from './reduce.ts';
import { sanitiseLine } from './sanitise.ts';
import { lookOf, type shapeOf } from './shapes.ts';
import { isReady } from './state.ts';
import type { ReplicaView, ServiceView, StepView, View } from './view.ts';
import { pad, widthOfNames } from './width.ts';
import { formatDuration, plural } from './words.ts';

export interface NarrateOptions {
  readonly colour: boolean;
  readonly ascii: boolean;
  /** Absolute; paths inside are shown relative to it. */
  readonly directory: string;
  /** Columns there are for source lines; absent: as for a page. */
  readonly width?: number;
  /** The key that applies what the files of the stack say, if there is one. */
  readonly applyKey?: string;
}

/** Something worth a line between the logs. */
export interface Notice {
  readonly shape: Parameters<typeof shapeOf>[0];
  /** The service it is about; absent if it is about the stack. */
  readonly service?: string;
  readonly text: string;
  /** Lines that belong to it. */
  readonly details?: readonly string[];
}

/** What an event means to someone who reads along; nothing for most events. */
export function narrate(event: Event, before: View, after: View, options: NarrateOptions): readonly Notice[] {
  const ended = after.plan?.settledAt !== undefined && before.plan?.settledAt === undefined;
  return [...tell(event, before, after, options), ...(ended ? tellChange(after) : [])];
}

function tell(event: Event, before: View, after: View, options: NarrateOptions): readonly Notice[] {
  switch (event.type) {
    case 'plan-made':
      return tellPlan(event, after);
    case 'step-failed':
      return tellFailure(event, before, after, options);
    case 'step-progressed':
      return tellOutput(event, after);
    case 'step-skipped':
      return after.interrupted === true && before.interrupted !== true
        ? [{ shape: 'idle', text: 'interrupted' }]
        : [];
    case 'step-finished':
      return tellServing(event, after);
    case 'container-changed':
      return tellContainer(event, before, after, options);
    case 'watch-started':
      return [{ shape: 'done', text: describeWatched(event.services, after, options) }];
    case 'watch-ended':
      return [{ shape: 'idle', text: 'the files of services are not watched any more' }];
    case 'files-changed':
      return [{ shape: 'busy', text: describeBatch(event, options) }];
    case 'files-returned': {
      const [first = '', ...others] = event.files.map((file) => shownPath(file, options.directory));
      const text = `${first}${others.length === 0 ? '' : ` and ${others.length} more`} came back from ${event.container}`;
      return [{ shape: 'done', service: event.service, text }];
    }
    case 'stack-changed':
      return [tellStackChanged(event, options)];
    case 'problem-found':
      return before.problems.some((other) => isSameProblem(other, event.problem))
        ? []
        : [tellProblem(event.problem, options)];
    case 'port-asked':
      return tellAnswer(event, before, after);
    case 'stack-joined':
      return [tellJoined(after, options)];
    case 'stack-ready':
      // After a change its own notice has said so.
      return before.plan?.purpose === 'change' ? [] : [tellReady(event, after, options)];
    case 'stop-requested':
      return [{ shape: 'busy', text: event.force ? 'killing what still runs' : 'stopping' }];
    case 'stack-stopped':
      return [{ shape: 'idle', text: 'stopped' }];
    default:
      return [];
  }
}

/** What a command that was asked for writes is worth reading while it goes on; of builds only when they fail. */
function tellOutput({ id, progress }: StepProgressed, after: View): readonly Notice[] {
  const step = after.plan?.steps.get(id);
  if (step?.kind !== 'run-command') return [];
  const who = step.service === undefined ? {} : { service: step.service };
  return (progress.lines ?? []).map((text) => ({ shape: 'busy', ...who, text }));
}

/** What is done at once after a save is told by what it leads to and by its end; a plan of it would be noise. */
const quickKinds: ReadonlySet<PlannedStep['kind']> = new Set(['sync-files', 'run-command']);

function tellPlan({ purpose, steps }: PlanMade, after: View): readonly Notice[] {
  if (purpose === 'change' && steps.length > 0 && steps.every(({ kind }) => quickKinds.has(kind))) return [];
  const summary = summarisePlan(steps);
  if (summary !== '')
    return [
      { shape: 'busy', text: `plan: ${summary}`, details: purpose === 'change' ? [] : tellReasons(steps) },
    ];
  const nothing = nothingTo[purpose];
  if (nothing !== undefined) return [{ shape: 'done', text: nothing }];
  const all = after.services.length;
  const runs = all === 1 ? 'the service runs' : `all ${plural(all, 'service')} run`;
  return [{ shape: 'done', text: `nothing to do: ${runs} as the file says` }];
}

/** What an empty plan means; without words of its own everything is as the file says. */
const nothingTo: Readonly<Partial<Record<PlanMade['purpose'], string>>> = {
  change: 'no container had to change',
  create: 'nothing to create',
  pull: 'nothing to pull',
  push: 'nothing to push',
  build: 'nothing to build',
  start: 'nothing to start',
  restart: 'no container to restart',
  pause: 'no container to pause',
  unpause: 'no container to unpause',
  stop: 'nothing to stop',
  kill: 'no container to kill',
  remove: 'no stopped containers',
  gc: 'nothing is left over',
  down: 'nothing to stop or remove',
};

/** What happens to images and containers that are there already needs a reason; with a change it was told before. */
function tellReasons(steps: PlanMade['steps']): readonly string[] {
  const has = (service: string | undefined, kind: PlannedStep['kind']): boolean =>
    steps.some((step) => step.service === service && step.kind === kind);
  return steps.flatMap(({ kind, service, because, stale, stopsFirst }) => {
    if (stale === true) return [`  rebuild ${service}: ${because}`];
    const manner = stopsFirst === undefined ? '' : `; stops the old one first: ${stopsFirst}`;
    if (kind === 'create-container' && has(service, 'remove-container'))
      return [`  replace ${service}: ${because}${manner}`];
    const restarts =
      kind === 'start-container' && has(service, 'stop-container') && !has(service, 'create-container');
    return restarts ? [`  restart ${service}: ${because}`] : [];
  });
}

function tellFailure(
  { id, problem, milliseconds }: StepFailed,
  before: View,
  after: View,
  options: NarrateOptions,
): readonly Notice[] {
  const step = after.plan?.steps.get(id);
  const toldBefore = before.plan?.steps.get(id)?.state === 'failed';
  if (problem.code === 'service-exited' && isKnownToFail(problem.service, before)) return [];
  if (step === undefined || toldBefore || problem.severity === 'warning')
    return [tellProblem(problem, options)];
  const paint = createPainter(options.colour);
  const output = step.output.filter((line) => line.trim() !== '');
  const last = output.at(-1)?.trim();
  // Engines repeat the output of a failed build in their answer; once is enough.
  const repeated = last === undefined || (problem.cause?.includes(last) ?? false);
  return [
    {
      shape: 'bad',
      ...(step.service === undefined ? {} : { service: step.service }),
      text: describeFailedStep(step, milliseconds),
      details: [
        // Its own colours would end that of the whole.
        ...(repeated ? [] : output.map((line) => `  ${paint.dim(sanitiseLine(line, { colour: false }))}`)),
        ...formatProblem(problem, options),
      ],
    },
  ];
}

/** Whether its end was told when it was heard of, after what it wrote. */
function isKnownToFail(name: string | undefined, { services }: View): boolean {
  const service = services.find((other) => other.name === name);
  return service?.tail.length !== 0 && service?.replicas.some(({ state }) => state === 'failed') === true;
}

/** Titles are orders: `could not start container shop-web-1 (0.5s)`. */
function describeFailedStep({ title, condition }: StepView, milliseconds: number): string {
  const took = formatDuration(milliseconds);
  return condition === undefined ? `could not ${title} (${took})` : `${failedConditions[condition]} ${took}`;
}

const failedConditions: Readonly<Record<NonNullable<StepView['condition']>, string>> = {
  healthy: 'did not become healthy in',
  ready: 'did not become ready in',
  settled: 'did not stay up; waited',
  completed: 'did not end well; waited',
};

function tellProblem(problem: Problem, options: NarrateOptions): Notice {
  const shape = problem.severity === 'error' ? 'bad' : 'paused';
  return {
    shape,
    ...(problem.service === undefined ? {} : { service: problem.service }),
    text: countProblems([problem]),
    details: formatProblem(problem, options),
  };
}

/** What a container did by itself. What we make it do is told by the steps. */
function tellContainer(
  { service: name, number }: { service: string; number: number },
  before: View,
  after: View,
  options: NarrateOptions,
): readonly Notice[] {
  const service = after.services.find((other) => other.name === name);
  const now = replicaOf(service, number);
  const former = replicaOf(
    before.services.find((other) => other.name === name),
    number,
  );
  const was = former?.id === now?.id ? former : undefined;
  if (service === undefined || now === undefined) return [];
  if (now.state === was?.state && !isWorthTellingAgain(now, was)) return [];
  const who = service.replicas.length > 1 ? `${name}-${number} ` : '';
  const say = (text: string, shape: Notice['shape'], details: readonly string[] = []): readonly Notice[] => [
    { shape, service: name, text: `${who}${text}`, ...(details.length === 0 ? {} : { details }) },
  ];
  const took = now.startedAt === undefined ? '' : ` after ${formatDuration(now.since - now.startedAt)}`;
  switch (now.state) {
    case 'healthy':
      if (was === undefined) return [];
      return was.state === 'paused' ? say('goes on', 'good') : say(`healthy${took}`, 'good');
    case 'unhealthy':
      // The step that waited for it has told why.
      return service.failure === undefined ? say('unhealthy', 'bad') : [];
    case 'failed':
      // Found in this state: it is about to be started, or was left so by someone else.
      if (was === undefined || was.state === 'failed') return [];
      // Nor is it told twice: someone waited for it, and was told first.
      if (service.failure?.code === 'service-exited') return [];
      return say(
        `failed${took}: ${describeEnd(now, service.tail)}`,
        'bad',
        adviceFor(service, now, after, options),
      );
    case 'done':
      return was === undefined ? [] : say(`done${took}`, 'done');
    case 'restarting':
      return say(`restarting: ${describeEnd(now, service.tail)}`, 'busy');
    case 'looping':
      return say(describeLoop(now, service.tail), 'bad', adviceFor(service, now, after, options));
    case 'running':
      if (was?.state === 'paused') return say('goes on', 'good');
      return was !== undefined && now.restarts > was.restarts ? say('runs again', 'good') : [];
    case 'paused':
      return say('paused', 'paused');
    case 'stopped':
      return was === undefined || now.leaving ? [] : say('stopped', 'idle');
    case 'gone':
      return was === undefined || now.leaving ? [] : say('was removed', 'idle');
    case 'waiting':
    case 'starting':
    case 'stopping':
      return [];
  }
}

/** Of a crash loop every doubling is told, not every crash. */
function isWorthTellingAgain(now: ReplicaView, was: ReplicaView): boolean {
  const { quickEnds } = now;
  const isDoubled = (quickEnds & (quickEnds - 1)) === 0;
  return now.state === 'looping' && quickEnds !== was.quickEnds && isDoubled;
}

/** What a failure means for others, and what can be done about it. */
function adviceFor(
  service: ServiceView,
  replica: ReplicaView,
  view: View,
  { colour, width }: NarrateOptions,
): readonly string[] {
  const paint = createPainter(colour);
  const others = dependants(service.name, view);
  const hint = hintFor(replica, service) ?? `see what it wrote: stack logs ${service.name}`;
  return [
    ...(others.length === 0 ? [] : [`  needed by ${list(others)}`]),
    ...labelled('hint', hint, paint, width),
  ];
}

function replicaOf(service: ServiceView | undefined, number: number): ReplicaView | undefined {
  return service?.replicas.find((replica) => replica.number === number);
}

/** Without services the files of the stack are watched alone. */
function describeWatched(
  services: readonly string[],
  { files }: View,
  { directory }: NarrateOptions,
): string {
  if (services.length > 0) return `watching the files of ${list(services)}`;
  return `watching ${list(files.map((file) => shownPath(file, directory)))}`;
}

/** What the stack is to be now, step by step, and what is to be done if someone has to want it. */
function tellStackChanged(
  { files, plan, removes, asks }: StackChanged,
  { colour, width, directory, applyKey }: NarrateOptions,
): Notice {
  const changed = describeChanged(files, directory);
  if (plan.length === 0) return { shape: 'done', text: `${changed}: nothing to do` };
  const details = plan.map((line) => `  ${line}`);
  if (removes.length === 0) return { shape: 'busy', text: changed, details };
  const hint =
    asks && applyKey !== undefined ? `${applyKey} applies it` : 'apply it with: stack up -d --remove-orphans';
  return {
    shape: 'paused',
    text: `${changed}, which is not applied yet: it removes ${list(removes)}`,
    details: [...details, ...labelled('hint', hint, createPainter(colour), width)],
  };
}

function describeChanged(paths: readonly string[], directory: string): string {
  const [first = 'files', ...others] = paths.map((path) => shownPath(path, directory));
  return `${first}${others.length === 0 ? '' : ` and ${others.length} more`} changed`;
}

/** `rng/rng.py changed → rebuild rng`. */
function describeBatch(
  { paths, services, responses }: FilesChanged,
  { directory, ascii }: NarrateOptions,
): string {
  const changed = describeChanged(paths, directory);
  if (services.length === 0) return changed;
  return `${changed} ${ascii ? '->' : '→'} ${list(responses.map((one) => orders[one]))} ${list(services)}`;
}

const orders: Readonly<Record<WatchResponse, string>> = {
  rebuild: 'rebuild',
  sync: 'sync',
  restart: 'restart',
  exec: 'run the command of',
};

/** What was done by an order if it was nothing but this. */
const verbs: Readonly<Partial<Record<PlannedStep['kind'], string>>> = {
  'start-container': 'started',
  'stop-container': 'stopped',
  'restart-container': 'restarted',
  'kill-container': 'killed',
  'pause-container': 'paused',
  'unpause-container': 'unpaused',
  'remove-container': 'removed',
};

/** Since when what was saved is what answers; the former container may take its time to end. */
function tellServing(
  { id, at }: StepFinished & { readonly at: number },
  { plan, services }: View,
): readonly Notice[] {
  const step = plan?.steps.get(id);
  if (plan?.purpose !== 'change' || plan.ordered === true || step?.kind !== 'take-over') return [];
  const service = services.find(({ name }) => name === step.service);
  if (service?.change === undefined) return [];
  const replicas = plan.steps.of(service.name).filter(({ kind }) => kind === 'take-over');
  if (replicas.some(({ state }) => state !== 'done')) return [];
  const text = `runs the change ${formatDuration(at - service.change.at)} after the save`;
  return [{ shape: 'good', service: service.name, text }];
}

/** After a change was carried out: `rng rebuilt in 1.2s`. */
function tellChange({ plan, services, watch }: View): readonly Notice[] {
  if (plan?.purpose !== 'change' || plan.failed > 0 || plan.total === 0) return [];
  const steps = [...plan.steps.values()].filter(
    (step) => step.service !== undefined && step.state === 'done',
  );
  const touched = new Set(
    steps.filter((step) => step.kind !== 'await-condition').map((step) => step.service ?? ''),
  );
  // The containers of a new image are a plan of their own.
  if (touched.size === 0 || steps.every((step) => step.kind === 'build-image')) return [];
  const isOrdered = plan.ordered === true;
  const changes = services.flatMap(({ name, change }) =>
    change && touched.has(name) && !isOrdered ? [change] : [],
  );
  const isRebuilt = changes.length > 0 && changes.every(({ responses }) => responses.includes('rebuild'));
  const kinds = new Set(steps.map(({ kind }) => kind).filter((kind) => !/^(?:await|run)-/.test(kind)));
  const [kind] = kinds;
  // What is removed is stopped before.
  const isEnd = kinds.has('remove-container') && !kinds.has('create-container');
  const only = isEnd ? 'removed' : kinds.size === 1 && kind !== undefined ? verbs[kind] : undefined;
  const verb = isRebuilt ? 'rebuilt' : ((isOrdered ? only : undefined) ?? 'updated');
  const ownTime = (plan.settledAt ?? plan.madeAt) - plan.madeAt;
  const took = isOrdered ? ownTime : (watch.last?.milliseconds ?? ownTime);
  const [service] = touched;
  const text = `${verb} in ${formatDuration(took)}`;
  if (touched.size === 1 && service !== undefined) return [{ shape: 'good', service, text }];
  return [{ shape: 'good', text: `${list([...touched])} ${text}` }];
}

function tellReady({ milliseconds, changed }: StackReady, after: View, options: NarrateOptions): Notice {
  const all = after.services.length;
  const text = changed ? `ready in ${formatDuration(milliseconds)}` : 'ready, nothing had to change';
  // What runs and is not waited for may take its time to become healthy.
  const early = after.services.filter(({ state }) => state === 'starting').map(({ name }) => name);
  const count = after.ready + early.length === all ? '' : `${after.ready + early.length} of `;
  const waiting = early.length === 0 ? '' : `; not healthy yet: ${list(early)}`;
  return {
    shape: 'good',
    text: `${text}: ${count}${plural(all, 'service')}${waiting}`,
    details: formatAddresses(after, options),
  };
}

/** That a port answers which did not before. */
function tellAnswer(event: PortAsked, before: View, after: View): readonly Notice[] {
  const addressIn = ({ services }: View) =>
    services
      .flatMap(({ replicas }) => replicas)
      .find(({ id }) => id === event.id)
      ?.addresses.find(({ hostPort }) => hostPort === event.hostPort);
  const address = addressIn(after);
  if (address === undefined || addressIn(before)?.answer?.answers !== false || !event.answers) return [];
  const text = `answers now: ${address.text} ${describeAnswer(address)}`;
  return [{ shape: 'good', service: event.service, text: text.replace(/ answers$/, '') }];
}

function tellJoined(after: View, options: NarrateOptions): Notice {
  const { ready, services, name } = after;
  const count = ready === services.length ? '' : `${ready} of `;
  const text = `${name} runs: ${count}${plural(services.length, 'service')} ready`;
  return { shape: 'good', text, details: formatAddresses(after, options) };
}

/** Where the services answer: a line for each that publishes a port. */
function formatAddresses({ services }: View, { colour, ascii }: NarrateOptions): readonly string[] {
  const paint = createPainter(colour);
  const reachable = services
    .map((service) => ({ service, addresses: addressesOfService(service) }))
    .filter(
      ({ addresses, service }) =>
        addresses.length > 0 && (isReady(service.state) || service.state === 'starting'),
    );
  const width = widthOfNames(reachable.map(({ service }) => service.name));
  return reachable.map(({ service, addresses }) => {
    const { shape, style } = lookOf(service.state, ascii);
    const texts = addresses.map((address) => {
      const place = address.url === undefined ? address.text : paint.underline(address.text);
      return [place, paint.dim(describeAnswer(address))].filter((part) => part !== '').join(' ');
    });
    return `  ${paint[style](shape)} ${pad(service.name, width)}  ${texts.join('  ')}`;
  });
}

/** `web, db and redis`. */
function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
