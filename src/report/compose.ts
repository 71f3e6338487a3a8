import type {
  ContainerChanged,
  Event,
  FilesChanged,
  PlanMade,
  PlannedStep,
  Progress,
  ServiceSummary,
  StepProgressed,
} from '../model/event.ts';
import type { Condition, StepId } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import { formatLogLine } from './compose-problems.ts';
import { sanitiseEvent } from './harmless.ts';
import { jsonLine } from './json.ts';
import type { Head } from './prefix.ts';
import { pad, widthOf } from './width.ts';

export interface ComposeOptions {
  /** Gets whole lines of what happens, with their ends. */
  readonly tell: (text: string) => void;
  /** Gets whole lines of what the services wrote. */
  readonly write: (stream: 'stdout' | 'stderr', text: string) => void;
  /** What happens as JSON, not as text. */
  readonly json?: boolean;
  /** Output keeps its colours. */
  readonly colour: boolean;
  /** What stands before lines of output; absent: the name of who wrote them. */
  readonly head?: Head;
  /** The command stays with what it starts: that it starts shows in what it writes. */
  readonly attached?: boolean;
  /** Gets what went wrong, with what was waited for and the containers that it is about. */
  readonly complain: (
    problem: Problem,
    about: { readonly condition?: Condition | undefined; readonly containers: readonly string[] },
  ) => void;
  /** What is said of a step that failed in the place of `Error`, if there is more to say. */
  readonly statusOf: (problem: Problem) => string | undefined;
}

/** What begins and what has ended, in Docker Compose's words; it says nothing where a word is missing. */
const words: Readonly<Partial<Record<PlannedStep['kind'], readonly [doing: string, done: string]>>> = {
  'pull-image': ['Pulling', 'Pulled'],
  'push-image': ['Pushing', 'Pushed'],
  'build-image': ['', 'Built'],
  'create-network': ['Creating', 'Created'],
  'create-volume': ['Creating', 'Created'],
  'clone-volume': ['Copying', 'Copied'],
  'create-container': ['Creating', 'Created'],
  'start-container': ['Starting', 'Started'],
  'stop-container': ['Stopping', 'Stopped'],
  'kill-container': ['Killing', 'Killed'],
  'restart-container': ['Restarting', 'Started'],
  'pause-container': ['', 'Paused'],
  'unpause-container': ['', 'Unpaused'],
  'remove-container': ['Removing', 'Removed'],
  'remove-network': ['Removing', 'Removed'],
  'remove-volume': ['Removing', 'Removed'],
  'remove-image': ['Removing', 'Removed'],
  'publish-project': ['publishing', 'published'],
  'provide-service': ['Creating', 'Created'],
  'withdraw-service': ['Removing', 'Removed'],
  'prepare-model': ['Configuring', ''],
};

/** What is known by its name alone. */
const namesThings: ReadonlySet<PlannedStep['kind']> = new Set([
  'build-image',
  'publish-project',
  'provide-service',
  'withdraw-service',
  'prepare-model',
]);

/** What programs say that stand for services and models is told word for word. */
const speaking: ReadonlySet<PlannedStep['kind']> = new Set([
  'provide-service',
  'withdraw-service',
  'prepare-model',
]);

const awaited: Readonly<Partial<Record<Condition, string>>> = {
  healthy: 'Healthy',
  ready: 'Healthy',
  completed: 'Exited',
};

/** What is done to put a container in the place of another one. */
const partsOfReplacing: readonly PlannedStep['kind'][] = [
  'create-container',
  'stop-container',
  'remove-container',
  'rename-container',
  'take-over',
  'drain-container',
];

const namingKinds: ReadonlySet<PlannedStep['kind']> = new Set(['rename-container', 'take-over']);

/**
 * A listener that says what happens as Docker Compose says it where no one looks on, for scripts that read along:
 * ` Container shop-web-1  Started`. What it has no words for is left to others.
 */
export function composeReporter({
  tell,
  write,
  colour,
  json = false,
  head = composeHead(),
  attached = false,
  complain,
  statusOf,
}: ComposeOptions): (event: Event) => void {
  let purpose: PlanMade['purpose'] | undefined;
  let steps: ReadonlyMap<StepId, PlannedStep> = new Map();
  let replaced: ReadonlySet<string> = new Set();
  const containers = new Map<string, Set<string>>();
  const running = new Set<string>();
  const restarting = new Set<StepId>();
  /** What was told of each build. */
  const headings = new Map<StepId, Set<string>>();
  const complained = new Set<string>();
  let services: readonly ServiceSummary[] = [];
  let project = '';

  const say = (id: string, status: string): void => {
    if (status !== '') tell(json ? jsonLine({ id, status }) : ` ${id}  ${status}\n`);
  };
  /** Of images that come and go; the words are a text there, not a status. */
  const sayOfImage = (id: string, text: string, status = ''): void =>
    tell(formatTask({ id, text, status }, json));
  const know = (service: string, name: string): void => {
    containers.set(service, (containers.get(service) ?? new Set()).add(name));
  };

  /** What is told of files that change stands among the output of services. */
  const note = (text: string): void => write('stdout', `${text}\n`);

  const take = (plan: PlanMade): void => {
    ({ purpose } = plan);
    const isNothing = plan.steps.length === 0 && (purpose !== 'down' || services.length === 0);
    const nothing = isNothing && !json ? nothingTo[purpose]?.(project) : undefined;
    if (nothing !== undefined) tell(nothing);
    // Plans for files that change may go on side by side.
    const others = purpose === 'change' ? steps : [];
    steps = new Map([...others, ...plan.steps.map((step) => [step.id, step] as const)]);
    if (purpose === 'change')
      for (const { id, kind } of plan.steps) if (kind === 'restart-container') restarting.add(id);
    for (const step of plan.steps)
      if (step.service !== undefined && isAboutContainer(step)) know(step.service, objectOf(step));
    // A container that takes the place of another gets its name at the end.
    const renamed = plan.steps.filter(({ kind }) => namingKinds.has(kind)).map(objectOf);
    replaced = new Set(renamed);
    if (purpose === 'pull') for (const [name, why] of notPulled(plan)) sayOfImage(name, why);
    if (attached && purpose === 'up') for (const name of running) tellRunning(name);
  };

  /** Services whose images are not pulled, with the reason. */
  const notPulled = (plan: PlanMade): readonly (readonly [name: string, why: string])[] =>
    services.flatMap(({ name, image, built }) => {
      const pull = plan.steps.find((step) => step.kind === 'pull-image' && objectOf(step) === image);
      if (pull?.service === name) return [];
      if (pull !== undefined) return [[name, `Skipped - Image is already being pulled by ${pull.service}`]];
      return [[name, `Skipped - ${built ? 'No image to be pulled' : 'Image is already present locally'}`]];
    });

  const tellRunning = (name: string): void => {
    const touched = [...steps.values()].some((step) => isAboutContainer(step) && objectOf(step) === name);
    const isOurs = services.some((service) => containers.get(service.name)?.has(name));
    if (!touched && isOurs) say(`Container ${name}`, 'Running');
  };

  const complainOnce = (problem: Problem, step?: PlannedStep): void => {
    const text = JSON.stringify(problem);
    if (complained.has(text)) return;
    complained.add(text);
    const names = containers.get(problem.service ?? step?.service ?? '') ?? [];
    complain(problem, { condition: step?.condition, containers: [...names] });
  };

  const tellAwaited = ({ service = '', condition }: PlannedStep, isDone: boolean): void => {
    const word = condition === undefined ? undefined : awaited[condition];
    if (word === undefined || attached) return;
    for (const name of containers.get(service) ?? []) say(`Container ${name}`, isDone ? word : 'Waiting');
  };

  const tellFailed = (step: PlannedStep, problem: Problem): void => {
    if (problem.severity === 'warning') return;
    const { kind, service = '', condition } = step;
    if (kind === 'await-condition') {
      if (attached || condition === 'settled') return;
      for (const name of containers.get(service) ?? []) say(`Container ${name}`, 'Error');
      return;
    }
    const name = objectOf(step);
    if (isTransfer(kind)) sayOfImage(service, 'Error', (problem.cause ?? problem.message).split('\n', 1)[0]);
    else say(idOf(step, name), json ? problem.message : (statusOf(problem) ?? 'Error'));
  };

  /** Builds that run at once are told apart by the order in which they were heard of. */
  const numberOf = ({ id }: PlannedStep): string => `#${[...headings.keys()].indexOf(id) + 1}`;

  /** What a build does and writes, once each, apart from what happens to the stack. */
  const tellBuild = (step: PlannedStep, progress: Progress): void => {
    if (json || step.kind !== 'build-image' || purpose === 'change') return;
    const known = headings.get(step.id) ?? new Set();
    const news = headingsOf(progress).filter((heading) => !known.has(heading));
    for (const heading of news) headings.set(step.id, known.add(heading));
    const lines = [...news.map((heading) => `${numberOf(step)} ${heading}`), ...(progress.lines ?? [])];
    if (lines.length > 0) write('stdout', lines.map((line) => `${line}\n`).join(''));
  };

  const tellReplaced = ({ kind }: PlannedStep, name: string, isDone: boolean): void => {
    if (kind === 'create-container' && !isDone) say(`Container ${name}`, 'Recreate');
    if (namingKinds.has(kind) && isDone) say(`Container ${name}`, 'Recreated');
  };

  const tellStep = (step: PlannedStep, isDone: boolean): void => {
    if (step.kind === 'await-condition') {
      tellAwaited(step, isDone);
      return;
    }
    const name = objectOf(step);
    if (partsOfReplacing.includes(step.kind) && replaced.has(name)) {
      tellReplaced(step, name, isDone);
      return;
    }
    const [doing, done] = words[step.kind] ?? ['', ''];
    if ((attached && step.kind === 'start-container' && purpose === 'up') || isOneOff(step)) return;
    if (isTransfer(step.kind)) sayOfImage(step.service ?? name, isDone ? done : doing);
    else if (step.kind === 'publish-project') sayOfImage(name, isDone ? done : doing);
    else say(idOf(step, name), isDone ? done : doing);
  };

  /** What a step of a change has led to, once it has ended. */
  const tellChanged = ({ id, kind, service = '' }: PlannedStep): void => {
    if (purpose !== 'change') return;
    if (kind === 'build-image') note(`service(s) ["${service}"] successfully built`);
    if (!restarting.delete(id)) return;
    const isLast = [...restarting].every((other) => steps.get(other)?.service !== service);
    if (isLast) note(`service(s) ["${service}"] restarted`);
  };

  const tellFiles = ({ paths, services, responses }: FilesChanged): void => {
    if (responses.includes('rebuild'))
      note(
        `Rebuilding service(s) [${services.map((name) => `"${name}"`).join(' ')}] after changes were detected...`,
      );
    if (!responses.includes('sync')) return;
    for (const name of services)
      note(`Syncing service "${name}" after ${paths.length} changes were detected`);
  };

  const tellContainer = (event: ContainerChanged): void => {
    const { service, name, state } = event;
    know(service, name);
    if (!attached && state === 'running' && !running.has(name) && purpose === 'up') tellRunning(name);
    if (state === 'running') running.add(name);
    else running.delete(name);
  };

  const tellProgress = ({ id, progress }: StepProgressed): void => {
    const step = steps.get(id);
    if (step?.kind === 'run-command') {
      write('stdout', (progress.lines ?? []).map((line) => `${line}\n`).join(''));
    } else if (step?.kind === 'run-pre-start') {
      const prefix = `${step.service} pre_start[${id.slice(id.lastIndexOf(':') + 1)}] -> `;
      write('stdout', (progress.lines ?? []).map((line) => `${prefix} | ${line}\n`).join(''));
    } else if (
      step !== undefined &&
      (speaking.has(step.kind) || progress.attempt !== undefined || progress.waiting === true) &&
      progress.text !== undefined
    ) {
      say(idOf(step, objectOf(step)), progress.text);
    }
  };

  return (told) => {
    const event = sanitiseEvent(told, { colour });
    switch (event.type) {
      case 'stack-loaded':
        ({ services } = event);
        project = event.name;
        break;
      case 'plan-made':
        take(event);
        break;
      case 'step-started':
      case 'step-finished': {
        const step = steps.get(event.id);
        if (step === undefined) break;
        tellStep(step, event.type === 'step-finished');
        if (event.type === 'step-finished') tellChanged(step);
        break;
      }
      case 'step-progressed': {
        const step = steps.get(event.id);
        tellProgress(event);
        if (step !== undefined) tellBuild(step, event.progress);
        break;
      }
      case 'watch-started':
        note('Watch enabled');
        break;
      case 'files-changed':
        tellFiles(event);
        break;
      case 'step-failed': {
        const step = steps.get(event.id);
        restarting.delete(event.id);
        if (step !== undefined) tellFailed(step, event.problem);
        complainOnce(event.problem, step);
        break;
      }
      case 'step-skipped': {
        const step = steps.get(event.id);
        if (step?.kind === 'build-image' && headings.has(step.id))
          write('stdout', `${numberOf(step)} CANCELED\n`);
        break;
      }
      case 'problem-found':
        complainOnce(event.problem);
        break;
      case 'container-changed':
        tellContainer(event);
        break;
      case 'stop-requested':
        if (event.afterExit && !json) tell('Aborting on container exit...\n');
        else if (!event.force && !json)
          write('stdout', 'Gracefully Stopping... press Ctrl+C again to force\n');
        break;
      case 'output-followed':
        if (event.sources.length > 0) write('stdout', `Attaching to ${event.sources.join(', ')}\n`);
        break;
      case 'output-ended': {
        const again = event.restarting ? ' (restarting)' : '';
        write('stdout', `${event.source} exited with code ${event.exitCode}${again}\n`);
        break;
      }
      case 'logs-written': {
        const { service, source, stream, lines } = event;
        const before = head({ service, source, stream }, []);
        write(stream, lines.map((line) => `${before}${line}\n`).join(''));
      }
    }
  };
}

/** The name of who wrote a line, as wide as the longest so far. */
export function composeHead(): Head {
  let longest = 0;
  return ({ source }) => {
    longest = Math.max(longest, widthOf(source));
    return `${pad(source, longest)}  | `;
  };
}

/** What an empty plan means. */
const nothingTo: Readonly<Partial<Record<PlanMade['purpose'], (project: string) => string>>> = {
  remove: () => 'No stopped containers\n',
  kill: () => 'no container to kill\n',
  down: (project) =>
    formatLogLine(`Warning: No resource found to remove for project "${project}".`, Date.now()),
};

/** A line of what is being done to something, with a text of its own: ` web-1 copy a to web-1:/b Copied`. */
export function formatTask(
  { id, text, status }: { readonly id: string; readonly text: string; readonly status: string },
  json: boolean,
): string {
  if (!json) return ` ${id} ${text} ${status}\n`;
  return jsonLine({ id, text, ...(status === '' ? {} : { status }) });
}

/** Titles end with what the engine calls the thing that a step is about. */
function objectOf({ title }: PlannedStep): string {
  return title.slice(title.lastIndexOf(' ') + 1);
}

function isAboutContainer({ kind }: PlannedStep): boolean {
  return kind.endsWith('-container') || kind === 'run-hook' || kind === 'take-over';
}

function isTransfer(kind: PlannedStep['kind']): boolean {
  return kind === 'pull-image' || kind === 'push-image';
}

/** Containers that are made for one command have no number; that they are made is no news to who asked for it. */
function isOneOff({ kind, id }: PlannedStep): boolean {
  return kind === 'create-container' && id.endsWith('-0');
}

/** The steps that a builder tells of at once, but for what it does on its own account: of a fast build they are many. */
function headingsOf({ text, parts }: Progress): readonly string[] {
  if (parts === undefined) return text === undefined ? [] : [text];
  return parts
    .filter(({ name }) => !name.startsWith('[internal]'))
    .map(({ name, state }) => (state === 'cached' ? `${name} (CACHED)` : name));
}

function idOf(step: PlannedStep, name: string): string {
  const { kind } = step;
  if (namesThings.has(kind)) return name;
  if (isAboutContainer(step)) return `Container ${name}`;
  if (kind.endsWith('-network')) return `Network ${name}`;
  return kind.endsWith('-volume') ? `Volume ${name}` : `Image ${name}`;
}

/** A problem as a line of JSON among those that say what happens, in its own words or others. */
export function formatProblemJson({ severity, message: own }: Problem, words?: string): string {
  const message = words ?? own;
  return jsonLine(severity === 'error' ? { error: true, message } : { level: 'warning', msg: message });
}
