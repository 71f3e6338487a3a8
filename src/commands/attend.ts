import type { Loaded, LoadRequest } from '../load/load.ts';
import type { ContainerChanged, Emit, PlannedStep } from '../model/event.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import { withResolvers } from '../model/resolvers.ts';
import type { Surroundings } from '../model/runtime.ts';
import { isTemporary } from '../plan/container.ts';
import { keptImages } from '../plan/superseded.ts';
import type { WatchedService } from '../plan/watch.ts';
import { createComeback } from './comeback.ts';
import { type Company, emitOfOrder, type Onlooker } from './company.ts';
import { type Outcome, outcomeOf, succeeded } from './outcome.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { notWatched, readWatched } from './watched.ts';
import { createWatcher } from './watcher.ts';

export interface AttendOptions {
  readonly project: string;
  /** The names of all services, of which one that is followed need not be one. */
  readonly services: readonly string[];
  /** The stack, where it was read already. */
  readonly loaded?: Loaded;
  /** Reads the stack as its files are now; absent: there is no stack file. */
  readonly reload?: () => Promise<Loaded>;
  /** Brings the stack up once more, after a start that failed; gives what went wrong this time. */
  readonly raise?: ((loaded: Loaded) => Promise<readonly Problem[]>) | undefined;
  /** How it is read, where its own files are watched too. */
  readonly load?: LoadRequest | undefined;
  /** What is watched, if anything is. */
  readonly watched?: readonly WatchedService[] | undefined;
  /** Whose output is told, and whose end is waited for. */
  readonly followed: readonly string[];
  /** Services that nobody knew of are followed, too; it is awaited before anything of them is told. */
  readonly newcomer?: ((service: string) => Promise<void>) | undefined;
  /** Output is told from this moment on, in seconds since 1970; absent: from now on. */
  readonly logsSince?: number;
  /** What the containers of those are called where their output is told. */
  readonly sources: readonly string[];
  /** Those that are meant by the command: one of them that ends may end all. */
  readonly chosen: readonly string[];
  readonly abortOn?: 'exit' | 'failure' | undefined;
  readonly exitCodeFrom?: string | undefined;
  /** See `UpOptions`. */
  readonly lenient?: boolean;
  /** Someone who looks on and can act. */
  readonly onlooker?: Onlooker | undefined;
  /** Containers that vanish are made anew, and unhealthy ones restarted. */
  readonly supervise?: boolean | undefined;
  /** Containers that were told of before: that they are gone is told, too. */
  readonly told?: readonly ContainerChanged[];
}

export interface Attendance {
  /** Tells what happens while the stack is brought up: what is stopped on purpose then is no end. */
  readonly emit: Emit;
  /** Aborted when a container has ended by whose end all is to be stopped. */
  readonly aborting: AbortSignal;
  /** Resolves once nothing that happens is missed any more. */
  readonly heard: Promise<void>;
  /** That container. */
  first(): Ended | undefined;
  /** The stack as it was read last. */
  loaded(): Loaded | undefined;
  /** Whether someone may yet mend what failed: who looks on, or with a change of its files. */
  isMendable(problems: readonly Problem[]): boolean;
  /** Whether someone who looks on has something to look at, though the start has failed. */
  runsOn(): Promise<boolean>;
  /**
   * Resolves when all followed containers have ended by themselves, or all is to be stopped, or the user ends or leaves.
   * Who looks on may want to stay with what has ended. `began`: how the start went, which counts until that is mended.
   */
  ended(began: Outcome): Promise<Outcome>;
  /**
   * Ends following: what the containers wrote before they ended is told first, unless the user insists. Those that the
   * user leaves go on, so that nothing is waited for.
   */
  close(): Promise<void>;
}

type Ended = Pick<ContainerChanged, 'id' | 'name' | 'service' | 'state' | 'exitCode'>;

/**
 * Stays with a stack: tells what happens to its containers and what they write, and acts on files that change. Following
 * and watching begin at once, so that nothing of the start is missed; what changes is acted on from `ended` on.
 */
export function attend(options: AttendOptions, surroundings: Surroundings): Attendance {
  const { signal, force, leave, emit, caughtUp, runtime } = surroundings;
  const { project, abortOn, sources, onlooker, newcomer } = options;
  let { loaded, services } = options;
  const followed = new Set(options.followed);
  const finishing = new AbortController();
  const cutting = new AbortController();
  const aborting = new AbortController();
  /** Aborted when the engine does not let itself be followed, with what it said. */
  const blinded = new AbortController();
  const tell = (error: unknown): void => {
    for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
  };
  // Called when a container has ended or was removed; asks the engine, because events may lag behind what was started.
  let look = (): void => {};
  let replacing = false;
  let orders = 0;
  let starting = true;
  let startFailed = false;
  let first: Ended | undefined;
  let introduced = false;
  /** The last plan had nothing to do. */
  let isUnchanged = false;
  /** Containers that ran, those that have ended in that order, and those that are stopped on purpose. */
  const ran = new Set<string>();
  const ends = new Set<string>();
  const leaving = new Set<string>();
  /** Services whose containers were stopped or removed by orders, and of which none has begun since. */
  const ordered = new Set<string>();
  let supervisor: Supervisor | undefined;
  /** Those that someone else has ended. */
  const stopped = new Set<string>();
  const comeback = createComeback();
  let watchedServices = namesOf(options.watched ?? []);
  const runs = withResolvers<void>();
  const heard = withResolvers<void>();
  const lost = (error: unknown): void => {
    // The stack is up all the same, and someone else acts on its files.
    for (const problem of problemsOf(error)) {
      const isOthers = problem.code === 'project-busy';
      emit({ type: 'problem-found', problem: isOthers ? { ...problem, severity: 'warning' } : problem });
    }
    look();
  };
  const busy = (is: boolean): void => {
    replacing = is;
    look();
  };
  const adopt = (next: Loaded): void => {
    loaded = next;
    const known = new Set(services);
    services = Object.keys(next.stack.services);
    for (const name of services)
      if (!known.has(name) && next.stack.services[name]?.attach !== false) followed.add(name);
  };
  const stackFiles =
    options.load === undefined
      ? undefined
      : {
          load: options.load,
          asks: onlooker !== undefined,
          rises: () => startFailed && options.raise !== undefined,
          renewed: (next: Loaded, watched: readonly WatchedService[]): void => {
            adopt(next);
            watchedServices = namesOf(watched);
          },
        };
  /** A change may have mended what failed: then all that was to come up does, and not only what has changed. */
  const raiseAgain = async (): Promise<void> => {
    if (!startFailed || options.raise === undefined) return;
    orders += 1;
    try {
      const latest = (await options.reload?.()) ?? loaded;
      if (latest !== undefined) startFailed = (await options.raise(latest)).length > 0;
    } catch (error) {
      if (!signal.aborted) tell(error);
    } finally {
      orders -= 1;
      look();
    }
  };
  const isWatchable = (): boolean => watchedServices.length > 0 || stackFiles !== undefined;
  const watcher = createWatcher(
    {
      busy,
      lost,
      reload: options.reload,
      keptImages: options.lenient === true ? 0 : keptImages,
      stackFiles,
      acted: raiseAgain,
    },
    surroundings,
  );
  if (loaded !== undefined && options.watched !== undefined && isWatchable())
    watcher.start(loaded, options.watched, runs.promise).catch(lost);

  /** Whether the end of a container is one by which all is to be stopped. */
  const counts = ({ name, service, state, exitCode }: Ended): boolean =>
    abortOn !== undefined &&
    // A successor that failed is no end of its service, which runs on as it was.
    !isTemporary(name) &&
    (options.chosen.includes(service) || service === options.exitCodeFrom) &&
    !ordered.has(service) &&
    (state === 'exited' || state === 'dead') &&
    (abortOn === 'exit' || exitCode !== 0);
  const abortFor = (container: Ended): void => {
    first ??= container;
    aborting.abort();
  };

  const note = (told: ContainerChanged): void => {
    const { id } = told;
    supervisor?.note(told);
    const hasBegun = ends.delete(id) || !ran.has(id);
    if (told.stopped === true) stopped.add(id);
    else stopped.delete(id);
    if (isAlive(told)) {
      ran.add(id);
      // A container that was killed is still alive for a moment.
      if (hasBegun) ordered.delete(told.service);
      comeback.settle();
      return;
    }
    ends.add(id);
    if (starting && ran.has(id) && !leaving.has(id) && counts(told)) abortFor(told);
    look();
  };

  const following = (async () => {
    const { logsSince = Date.now() / 1000 } = options;
    const isFollowed = (service: string): boolean =>
      followed.has(service) || (newcomer !== undefined && !services.includes(service));
    const { told: known = [] } = options;
    const request = { project, services: { has: isFollowed }, logsSince, finish: finishing.signal, known };
    for await (const told of runtime.follow(request, cutting.signal)) {
      if (told.type === 'container-changed' && newcomer !== undefined && !services.includes(told.service)) {
        services = [...services, told.service];
        followed.add(told.service);
        await newcomer(told.service);
      }
      emit(told);
      if (told.type === 'container-changed') {
        note(told);
        heard.resolve();
      }
      await caughtUp(cutting.signal);
    }
  })().catch((error: unknown) => {
    tell(error);
    blinded.abort(error);
  });

  const endActing = async (): Promise<void> => {
    runs.resolve();
    await supervisor?.end();
    await watcher.stop();
  };

  const switchWatching = async (on: boolean): Promise<void> => {
    if (on === watcher.isOn()) return;
    if (!on) {
      await watcher.stop();
      emit({ type: 'watch-ended' });
      return;
    }
    loaded ??= await options.reload?.();
    if (loaded === undefined) throw notWatched();
    const watched = await readWatched(loaded, surroundings);
    watchedServices = namesOf(watched);
    if (!isWatchable()) throw notWatched();
    await watcher.start(loaded, watched, runs.promise);
  };
  /** To begin and to end take a while, in which the contrary or the same may be wanted. */
  let switched: Promise<unknown> = Promise.resolve();
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const turn = switched.then(work);
    switched = turn.catch(() => {});
    return turn;
  };

  const company: Company = {
    async order(work) {
      orders += 1;
      const told = emitOfOrder(emit);
      try {
        return await work({
          ...surroundings,
          emit: (event) => {
            if (event.type === 'plan-made')
              for (const { service, kind } of event.steps)
                if (service !== undefined && endKinds.has(kind)) ordered.add(service);
            told(event);
          },
        });
      } finally {
        orders -= 1;
        look();
      }
    },
    watch: (on) => inOrder(() => switchWatching(on)),
    async renew(next) {
      adopt(next);
      await inOrder(async () => {
        if (!watcher.isOn()) return;
        await watcher.stop();
        await switchWatching(true).catch(lost);
      });
    },
  };
  onlooker?.meet(company);
  supervisor =
    options.supervise === true
      ? createSupervisor(project, async () => loaded ?? options.reload?.(), company.order, surroundings)
      : undefined;

  /** Where nothing is followed all is waited for. */
  const isAwaited = ({ service, oneOff }: ObservedContainer): boolean =>
    !oneOff && (followed.size > 0 ? followed.has(service) : services.includes(service));

  const isMendable = (problems: readonly Problem[]): boolean =>
    onlooker?.keeps() === true ||
    (watcher.isOn() &&
      onlooker !== undefined &&
      problems.some(({ service = '' }) => watchedServices.includes(service)));

  return {
    emit(event) {
      // It was looked at before it was heard to end.
      if (event.type === 'container-changed' && isUnchanged && isAlive(event) && ends.has(event.id)) return;
      if (event.type === 'plan-made') {
        isUnchanged = event.steps.length === 0;
        for (const { container } of event.steps) if (container !== undefined) leaving.add(container);
      }
      emit(event);
      if (event.type !== 'plan-made' || introduced) return;
      introduced = true;
      emit({ type: 'output-followed', sources });
    },
    aborting: aborting.signal,
    heard: heard.promise,
    first: () => first,
    loaded: () => loaded,
    isMendable,
    async runsOn() {
      if (onlooker === undefined || abortOn !== undefined) return false;
      const containers = await surroundings.runtime.observeContainers(project, signal);
      return containers.some((container) => isAwaited(container) && isAlive(container));
    },
    async ended(began) {
      starting = false;
      startFailed = began.exitCode !== 0 && !signal.aborted;
      runs.resolve();
      supervisor?.begin();
      const containers = await new Promise<readonly ObservedContainer[]>((resolve) => {
        look = () => {
          // A replacement and an order stop containers on purpose: that is no end.
          const isActing = (): boolean => replacing || orders > 0;
          if (isActing()) return;
          surroundings.runtime.observeContainers(project, cutting.signal).then((containers) => {
            if (isActing()) return;
            const order = [...ends];
            const [fatal] = containers
              .filter((container) => !container.oneOff && counts(container))
              .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
            if (fatal !== undefined) {
              abortFor(fatal);
              return resolve([]);
            }
            const own = containers.filter(isAwaited);
            if (own.some(isAlive) || ordered.size > 0 || onlooker?.keeps() === true) return;
            if ([...ends].some((id) => stopped.has(id)) && comeback.isDue(look)) return;
            // Someone who watches is about to mend what failed.
            const mendable =
              watcher.isOn() &&
              watchedServices.length > 0 &&
              own.some((container) => failureOf(container).length > 0);
            if (!mendable && !isMendable(began.problems)) resolve(own);
          }, ignoreWhileGone);
        };
        for (const wish of [signal, leave, aborting.signal, blinded.signal]) {
          wish.addEventListener('abort', () => resolve([]), { once: true });
          if (wish.aborted) resolve([]);
        }
        look();
      });
      comeback.settle();
      await endActing();
      const isLeft = leave.aborted || began.exitCode !== 0;
      if (isLeft && onlooker !== undefined && !signal.aborted) return await verdict(began);
      if (blinded.signal.aborted && !signal.aborted) return outcomeOf(problemsOf(blinded.signal.reason));
      const ended = containers.filter(({ id }) => !stopped.has(id));
      return outcomeOf(options.lenient === true ? [] : ended.flatMap(failureOf));
    },
    async close() {
      await endActing();
      const cut = (): void => cutting.abort();
      if (leave.aborted || force.aborted) cut();
      force.addEventListener('abort', cut);
      finishing.abort();
      await following;
      force.removeEventListener('abort', cut);
    },
  };

  /** How it is left: as it began unless all runs now, and a failure if nothing runs because of one. */
  async function verdict(began: Outcome): Promise<Outcome> {
    const all = await surroundings.runtime.observeContainers(project, signal);
    const own = all.filter(({ oneOff, service }) => !oneOff && services.includes(service));
    const failed = own.filter(({ service }) => !ordered.has(service)).flatMap(failureOf);
    if (began.exitCode !== 0) {
      const isThere = (name: string): boolean =>
        ordered.has(name) || own.some((one) => one.service === name && (isAlive(one) || one.exitCode === 0));
      return services.every(isThere) && failed.length === 0 ? succeeded : began;
    }
    if (options.lenient === true || own.some(isAlive)) return succeeded;
    return outcomeOf(failed);
  }
}

function namesOf(watched: readonly WatchedService[]): readonly string[] {
  return watched.map(({ name }) => name);
}

const endKinds: ReadonlySet<PlannedStep['kind']> = new Set([
  'stop-container',
  'kill-container',
  'remove-container',
]);

/** The engine may be away for a while; when it is back, following tells all states again, and then it is asked again. */
function ignoreWhileGone(): void {}

function failureOf({ service, exitCode, oneOff }: ObservedContainer): Problem[] {
  if (oneOff || exitCode === undefined || exitCode === 0) return [];
  return [
    {
      code: 'service-exited',
      severity: 'error',
      service,
      path: `services.${service}`,
      message: `${service} ended with exit code ${exitCode}`,
    },
  ];
}
