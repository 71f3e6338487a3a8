import type { Loaded } from '../load/load.ts';
import type { ContainerChanged, Emit } from '../model/event.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { containerRef } from '../plan/container.ts';
import { replicasOf } from '../plan/decide.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Watched } from './watched.ts';
import { followChanges } from './watching.ts';
import { observeContainers } from './work.ts';

export interface AttendOptions {
  /** What is watched, if anything is. */
  readonly watched?: Watched | undefined;
  /** The stack as its files are now. */
  readonly reload: () => Promise<Loaded>;
  /** Whose output is told, and whose end is waited for. */
  readonly followed: readonly string[];
  /** Those that are meant by the command: one of them that ends may end all. */
  readonly chosen: readonly string[];
  readonly abortOn?: 'exit' | 'failure' | undefined;
  readonly exitCodeFrom?: string | undefined;
  /** See `UpOptions`. */
  readonly lenient?: boolean;
}

export interface Attendance {
  /** Tells what happens while the stack is brought up: what is stopped on purpose then is no end. */
  readonly emit: Emit;
  /** Aborted when a container has ended by whose end all is to be stopped. */
  readonly aborting: AbortSignal;
  /** That container. */
  first(): Ended | undefined;
  /** Resolves when all followed containers have ended by themselves, or all is to be stopped, or the user ends or leaves. */
  ended(): Promise<Outcome>;
  /**
   * Ends following: what the containers wrote before they ended is told first, unless the user insists. Those that the
   * user leaves go on, so that nothing is waited for.
   */
  close(): Promise<void>;
}

type Ended = Pick<ContainerChanged, 'id' | 'service' | 'state' | 'exitCode'>;

/**
 * Stays with a stack: tells what happens to its containers and what they write, and acts on files that change. Following
 * and watching begin at once, so that nothing of the start is missed; what changes is acted on from `ended` on.
 */
export function attend(loaded: Loaded, options: AttendOptions, surroundings: Surroundings): Attendance {
  const { signal, force, leave, emit, caughtUp, runtime } = surroundings;
  const { stack } = loaded;
  const { followed, abortOn, watched } = options;
  const finishing = new AbortController();
  const cutting = new AbortController();
  const aborting = new AbortController();
  const tell = (error: unknown): void => {
    for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
  };
  // Called when a container has ended or was removed; asks the engine, because events may lag behind what was started.
  let look = (): void => {};
  let replacing = false;
  let starting = true;
  let first: Ended | undefined;
  let introduced = false;
  /** Containers that ran, those that have ended in that order, and those that are stopped on purpose. */
  const ran = new Set<string>();
  const ends = new Set<string>();
  const leaving = new Set<string>();
  /** Those that someone else has ended. */
  const stopped = new Set<string>();
  const over = new AbortController();
  let isWatching = watched !== undefined && watched.services.length > 0;
  const runs = Promise.withResolvers<void>();
  const watching = watchFrom(runs.promise).catch((error: unknown) => {
    // The stack is up all the same, and someone else acts on its files.
    for (const problem of over.signal.aborted ? [] : problemsOf(error)) {
      const isOthers = problem.code === 'project-busy';
      emit({ type: 'problem-found', problem: isOthers ? { ...problem, severity: 'warning' } : problem });
    }
    isWatching = false;
    look();
  });

  async function watchFrom(begin: Promise<void>): Promise<void> {
    if (watched === undefined || watched.services.length === 0) return;
    const busy = (is: boolean): void => {
      replacing = is;
      look();
    };
    const { reload } = options;
    const until = over.signal;
    await followChanges(loaded, watched, { begin, until, prune: true, reload, busy }, surroundings);
  }

  /** Whether the end of a container is one by which all is to be stopped. */
  const counts = ({ service, state, exitCode }: Ended): boolean =>
    abortOn !== undefined &&
    (options.chosen.includes(service) || service === options.exitCodeFrom) &&
    (state === 'exited' || state === 'dead') &&
    (abortOn === 'exit' || exitCode !== 0);
  const abortFor = (container: Ended): void => {
    first ??= container;
    aborting.abort();
  };

  const note = (told: ContainerChanged): void => {
    const { id } = told;
    ends.delete(id);
    if (told.stopped === true) stopped.add(id);
    else stopped.delete(id);
    if (isAlive(told)) {
      ran.add(id);
      return;
    }
    ends.add(id);
    if (starting && ran.has(id) && !leaving.has(id) && counts(told)) abortFor(told);
    look();
  };

  const following = (async () => {
    const logsSince = Date.now() / 1000;
    const request = { project: stack.name, services: followed, logsSince, finish: finishing.signal };
    for await (const told of runtime.follow(request, cutting.signal)) {
      emit(told);
      if (told.type === 'container-changed') note(told);
      await caughtUp(cutting.signal);
    }
  })().catch(tell);

  const endWatching = async (): Promise<void> => {
    over.abort();
    runs.resolve();
    await watching;
  };

  /** Where nothing is followed all is waited for. */
  const isAwaited = ({ service, oneOff }: ObservedContainer): boolean =>
    !oneOff && (followed.length > 0 ? followed.includes(service) : stack.services[service] !== undefined);

  return {
    emit(event) {
      if (event.type === 'plan-made') {
        for (const { container } of event.steps) if (container !== undefined) leaving.add(container);
      }
      emit(event);
      if (event.type !== 'plan-made' || introduced) return;
      introduced = true;
      emit({ type: 'output-followed', sources: sourcesOf(stack, followed) });
    },
    aborting: aborting.signal,
    first: () => first,
    async ended() {
      starting = false;
      runs.resolve();
      const containers = await new Promise<readonly ObservedContainer[]>((resolve) => {
        look = () => {
          // A replacement stops containers on purpose: that is no end.
          if (replacing) return;
          observeContainers(stack.name, surroundings, cutting.signal).then((containers) => {
            if (replacing) return;
            const order = [...ends];
            const [fatal] = containers
              .filter((container) => !container.oneOff && counts(container))
              .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
            if (fatal !== undefined) {
              abortFor(fatal);
              return resolve([]);
            }
            const own = containers.filter(isAwaited);
            if (own.some(isAlive)) return;
            // Someone who watches is about to mend what failed.
            const mendable = isWatching && own.some((container) => failureOf(container).length > 0);
            if (!mendable) resolve(own);
          }, ignoreWhileGone);
        };
        for (const wish of [signal, leave, aborting.signal]) {
          wish.addEventListener('abort', () => resolve([]), { once: true });
          if (wish.aborted) resolve([]);
        }
        look();
      });
      await endWatching();
      const ended = containers.filter(({ id }) => !stopped.has(id));
      return outcomeOf(options.lenient === true ? [] : ended.flatMap(failureOf));
    },
    async close() {
      await endWatching();
      const cut = (): void => cutting.abort();
      if (leave.aborted || force.aborted) cut();
      force.addEventListener('abort', cut);
      finishing.abort();
      await following;
      force.removeEventListener('abort', cut);
    },
  };
}

/** What the containers of services are called where their output is told. */
function sourcesOf(stack: Stack, followed: readonly string[]): readonly string[] {
  const sources = followed.flatMap((name) => {
    const service = stack.services[name];
    if (service === undefined || service.provider !== undefined) return [];
    return Array.from({ length: replicasOf(service) }, (_, index) => {
      const { name: container } = containerRef(stack, name, service, index + 1);
      return container.replace(new RegExp(`^${stack.name}[-_]`), '');
    });
  });
  return sources.toSorted();
}

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
