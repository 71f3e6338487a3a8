import type { Loaded } from '../load/load.ts';
import { isAlive, type ObservedContainer } from '../model/observed.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { watchAndRebuild } from './watch.ts';
import { observeContainers } from './work.ts';

export interface Attendance {
  /** Resolves when all containers of the stack have ended by themselves, or the user ends or leaves. */
  ended(): Promise<Outcome>;
  /**
   * Ends following: what the containers wrote before they ended is told first, unless the user insists. Those that the
   * user leaves go on, so that nothing is waited for.
   */
  close(): Promise<void>;
}

/**
 * Stays with a stack: tells what happens to its containers and what they write, and rebuilds what changes. Following
 * and watching begin at once, so that nothing of the start is missed; what changes is rebuilt from `ended` on.
 */
export function attend(
  loaded: Loaded,
  options: { readonly watch: boolean },
  surroundings: Surroundings,
): Attendance {
  const { signal, force, leave, emit, runtime } = surroundings;
  const { stack } = loaded;
  const finishing = new AbortController();
  const cutting = new AbortController();
  const tell = (error: unknown): void => {
    for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
  };
  // Called when a container has ended or was removed; asks the engine, because events may lag behind what was started.
  let look = (): void => {};
  let replacing = false;
  const over = new AbortController();
  const runs = Promise.withResolvers<void>();
  const watching = options.watch
    ? watchAndRebuild(loaded, surroundings, { begin: runs.promise, until: over.signal }, (busy) => {
        replacing = busy;
        look();
      })
    : Promise.resolve();
  const buildsAny = Object.values(stack.services).some(({ build }) => build !== undefined);

  const following = (async () => {
    const services = Object.keys(stack.services);
    const logsSince = Date.now() / 1000;
    const request = { project: stack.name, services, logsSince, finish: finishing.signal };
    for await (const told of runtime.follow(request, cutting.signal)) {
      emit(told);
      if (told.type === 'container-changed' && !isAlive(told)) look();
    }
  })().catch(tell);

  const endWatching = async (): Promise<void> => {
    over.abort();
    runs.resolve();
    await watching;
  };

  return {
    async ended() {
      runs.resolve();
      const containers = await new Promise<readonly ObservedContainer[]>((resolve) => {
        look = () => {
          // A replacement stops containers on purpose: that is no end.
          if (replacing) return;
          observeContainers(stack.name, surroundings, cutting.signal).then((containers) => {
            const own = containers.filter(({ service }) => stack.services[service] !== undefined);
            if (replacing || own.some(isAlive)) return;
            // Someone who watches is about to mend what failed.
            const mendable =
              options.watch && buildsAny && own.some((container) => failureOf(container).length > 0);
            if (!mendable) resolve(own);
          }, ignoreWhileGone);
        };
        for (const wish of [signal, leave]) {
          wish.addEventListener('abort', () => resolve([]), { once: true });
          if (wish.aborted) resolve([]);
        }
        look();
      });
      await endWatching();
      return outcomeOf(containers.flatMap(failureOf));
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
