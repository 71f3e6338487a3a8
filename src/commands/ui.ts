import type { LoadRequest } from '../load/load.ts';
import type { Emit, LogsWritten, ServiceSummary, StackLoaded } from '../model/event.ts';
import { label } from '../model/labels.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import { failure, type Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { attend } from './attend.ts';
import type { Onlooker } from './company.ts';
import { containersOf, observeProject } from './identity.ts';
import { interrupted, type Outcome, succeeded } from './outcome.ts';
import { findProject, type Project, tellProject } from './project.ts';
import { loadAsItRuns } from './renew.ts';
import { changesOf } from './work.ts';

/** A stack that runs, whoever brought it up. */
export interface Running {
  readonly load: LoadRequest;
  readonly project: Project;
  readonly containers: readonly ObservedContainer[];
  readonly warnings: readonly Problem[];
}

/** Finds a stack to look at, by its file or by its name alone. Throws `no-container` if nothing of it runs. */
export async function findRunning(load: LoadRequest, surroundings: Surroundings): Promise<Running> {
  const project = await findProject(load);
  const { containers, warnings } = await observeProject(project, surroundings);
  const own = containers.filter(({ oneOff }) => !oneOff);
  if (!own.some(isAlive)) throw nothingRuns(project);
  return { load, project, containers: own, warnings };
}

export interface UiOptions {
  /** How many lines of each container are told that were written before. */
  readonly tail: number | 'all';
  /** Seconds since 1970: none that are older. */
  readonly since?: string | undefined;
  /** Someone who can act; without one it ends when all has ended. */
  readonly onlooker?: Onlooker | undefined;
  /** Nobody looks on: what they write is not told, and containers that vanish or become unhealthy are seen to. */
  readonly supervise?: true;
}

/** Stays with a stack: tells what its containers do and write until the user goes. It runs on in any case. */
export async function ui(running: Running, options: UiOptions, surroundings: Surroundings): Promise<Outcome> {
  const { load, project, containers: own, warnings } = running;
  const { signal, leave } = surroundings;
  let stack: StackLoaded | undefined;
  const emit: Emit = (event) => {
    if (event.type === 'stack-loaded') stack = event;
    surroundings.emit(event);
  };
  tellStack(project, own, { ...surroundings, emit });
  for (const problem of warnings) emit({ type: 'problem-found', problem });
  const told = changesOf(own);
  told.forEach(emit);
  if (options.supervise !== true) emit({ type: 'stack-joined' });
  const shownServices = load.services.length > 0 ? load.services : servicesOf(project, own);
  const followed = options.supervise === true ? [] : shownServices;
  const shown = containersOf(followed, own);
  emit({ type: 'output-followed', sources: shown.map((one) => sourceOf(one, project)).toSorted() });
  // What is written while the past is read is told as well.
  const now = Date.now() / 1000;
  await tellPast(project, shown, { ...options, until: now }, surroundings);
  const { name } = project;
  const services = servicesOf(project, own);
  /** Someone else has added a service, which only its containers tell of here. */
  const tellNewcomer = async (service: string): Promise<void> => {
    const containers = await surroundings.runtime.observeContainers(name, signal).catch(() => []);
    if (stack !== undefined)
      emit({ ...stack, services: [...stack.services, summaryOf(service, containers)] });
  };
  const unchosen = { ...load, services: [] };
  const attendance = attend(
    {
      project: name,
      services,
      // What is only looked at needs less of the file than what is acted on.
      ...(project.loaded === undefined
        ? {}
        : { reload: () => loadAsItRuns(unchosen, surroundings), load: unchosen }),
      followed,
      // Who wants to see some services does not want to see others.
      newcomer: load.services.length > 0 ? undefined : tellNewcomer,
      logsSince: now,
      sources: [],
      chosen: [],
      onlooker: options.onlooker,
      supervise: options.supervise,
      told,
    },
    surroundings,
  );
  try {
    // Whoever reads this relies on it.
    if (options.supervise === true) {
      void attendance.heard.then(() => {
        if (!signal.aborted && !leave.aborted) emit({ type: 'stack-joined' });
      });
    }
    const end = await attendance.ended(succeeded);
    if (signal.aborted) return interrupted;
    return leave.aborted ? succeeded : end;
  } finally {
    await attendance.close();
  }
}

/** Without a file the labels of the containers tell what there is. */
function tellStack(
  project: Project,
  containers: readonly ObservedContainer[],
  surroundings: Surroundings,
): void {
  if (project.loaded !== undefined) {
    tellProject(project, surroundings);
    return;
  }
  const services = servicesOf(project, containers).map((service) => summaryOf(service, containers));
  const { name, directory } = project;
  surroundings.emit({ type: 'stack-loaded', name, directory, files: [], services });
}

function summaryOf(name: string, containers: readonly ObservedContainer[]): ServiceSummary {
  const own = containers.find(({ service }) => service === name);
  const written = own?.labels[label.dependsOn] ?? '';
  const dependsOn = written.split(',').flatMap((one) => one.split(':')[0] || []);
  return { name, image: own?.image ?? '', built: false, dependsOn };
}

function servicesOf({ loaded }: Project, containers: readonly ObservedContainer[]): readonly string[] {
  if (loaded !== undefined) return Object.keys(loaded.stack.services);
  return [...new Set(containers.map(({ service }) => service))].toSorted();
}

function sourceOf({ name }: ObservedContainer, project: Project): string {
  const start = `${project.name}-`;
  return name.startsWith(start) ? name.slice(start.length) : name;
}

/**
 * What was written before, in the order of its times, which are told as the times of it. However much it is, of each
 * container no more is held than what has come of it last.
 */
async function tellPast(
  { name: project }: Project,
  containers: readonly ObservedContainer[],
  { tail, since, until }: Pick<UiOptions, 'tail' | 'since'> & { readonly until: number },
  { runtime, emit, caughtUp, signal }: Surroundings,
): Promise<void> {
  if (tail === 0) return;
  const range = { until: String(until), ...(since === undefined ? {} : { since }) };
  const pasts = containers.map(({ service, number }) => {
    const request = { project, services: [service], number, follow: false, tail, timestamps: true, ...range };
    return pastOf(runtime.readLogs(request, signal), emit);
  });
  try {
    const heads = await Promise.all(pasts.map((past) => past.next()));
    for (;;) {
      const next = earliest(heads);
      const head = heads[next];
      const past = pasts[next];
      if (past === undefined || head === undefined || head.done === true) return;
      emit(head.value.event);
      await caughtUp(signal);
      heads[next] = await past.next();
    }
  } finally {
    await Promise.all(pasts.map((past) => past.return()));
  }
}

interface PastLine {
  /** The engine's, with nanoseconds. */
  readonly time: string;
  readonly event: LogsWritten & { readonly at?: number };
}

/** The lines of one container, in their order; what else is to be told is told at once. */
async function* pastOf(
  told: ReturnType<Surroundings['runtime']['readLogs']>,
  emit: Emit,
): AsyncGenerator<PastLine, void, void> {
  for await (const event of told) {
    if (event.type !== 'logs-written') {
      emit(event);
      continue;
    }
    for (const line of event.lines) {
      const [, time = '', text = line] = /^(\S+) ([\s\S]*)$/.exec(line) ?? [];
      const at = Date.parse(time);
      yield { time, event: { ...event, lines: [text], ...(Number.isNaN(at) ? {} : { at }) } };
    }
  }
}

/** The place of the one whose next line was written before those of all others; -1 if none has any left. */
function earliest(heads: readonly IteratorResult<PastLine, void>[]): number {
  return heads.reduce((best, head, place) => {
    if (head.done === true) return best;
    const other = heads[best];
    return other === undefined || other.done === true || head.value.time < other.value.time ? place : best;
  }, -1);
}

function nothingRuns({ name }: Project) {
  return failure({
    code: 'no-container',
    message: `nothing of ${name} runs`,
    hint: 'bring it up with: stack up, or stack up -d and then stack ui',
  });
}
