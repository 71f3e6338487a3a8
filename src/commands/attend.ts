import type { Loaded } from '../load/load.ts';
import type { ContainerChanged } from '../model/event.ts';
import { type Problem, problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { watchAndRebuild } from './watch.ts';
import { placed } from './work.ts';

export interface Attendance {
  /** Resolves when all containers of the stack have ended by themselves or the signal was aborted. */
  ended(): Promise<Outcome>;
  /** Ends following and watching. */
  close(): Promise<void>;
}

/**
 * Stays with a stack: tells what happens to its containers and what they write, and rebuilds what changes. Following
 * begins at once, so that nothing of the start is missed; watching begins with `ended`, when the stack runs.
 */
export function attend(
  loaded: Loaded,
  options: { readonly watch: boolean },
  surroundings: Surroundings,
): Attendance {
  const { signal, emit, runtime } = surroundings;
  const closing = new AbortController();
  const services = new Set(Object.keys(loaded.stack.services));
  const states = new Map<string, ContainerChanged>();
  let allEnded: (() => void) | undefined;
  let changing = false;

  const note = (change: ContainerChanged): void => {
    if (change.state === 'gone') states.delete(change.id);
    else if (services.has(change.service)) states.set(change.id, change);
    // A replacement stops a container on purpose.
    if (!changing && !signal.aborted && failed(change)) tellFailure(change, loaded, surroundings);
    if (!changing && [...states.values()].every(hasEnded)) allEnded?.();
  };

  const following = (async () => {
    const request = { project: loaded.stack.name, services: [...services], logsSince: Date.now() / 1000 };
    for await (const told of runtime.follow(request, closing.signal)) {
      emit(told);
      if (told.type === 'container-changed') note(told);
    }
  })().catch((error: unknown) => {
    for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
  });

  let watching: Promise<void> = Promise.resolve();
  return {
    async ended() {
      if (options.watch) {
        watching = watchAndRebuild(loaded, surroundings, closing.signal, (busy) => {
          changing = busy;
          if (!busy && [...states.values()].every(hasEnded)) allEnded?.();
        });
      }
      await new Promise<void>((resolve) => {
        allEnded = resolve;
        if (states.size > 0 && [...states.values()].every(hasEnded)) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      const failures = [...states.values()].filter(failed);
      return outcomeOf(failures.map((change) => failureOf(change)));
    },
    async close() {
      closing.abort();
      await Promise.all([following, watching]);
    },
  };
}

function hasEnded({ state }: ContainerChanged): boolean {
  return state === 'exited' || state === 'dead';
}

function failed(change: ContainerChanged): boolean {
  return hasEnded(change) && change.exitCode !== 0;
}

function tellFailure(change: ContainerChanged, loaded: Loaded, { emit }: Surroundings): void {
  emit({ type: 'problem-found', problem: placed(failureOf(change), loaded) });
}

function failureOf({ service, exitCode, outOfMemory }: ContainerChanged): Problem {
  const how = outOfMemory === true ? 'the kernel ended it for want of memory' : `exit code ${exitCode}`;
  return {
    code: 'service-exited',
    severity: 'error',
    service,
    path: `services.${service}`,
    message: `${service} ended: ${how}`,
    hint: `its last words: stack logs --tail 20 ${service}`,
  };
}
