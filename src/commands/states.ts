import { problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';

/** Does some work and meanwhile tells what happens to the containers of a project, and what some services write. */
export async function tellingStates<T>(
  project: string,
  services: readonly string[],
  surroundings: Surroundings,
  work: () => Promise<T>,
): Promise<T> {
  const states = statesOf(project, services, surroundings);
  states.begin();
  try {
    return await work();
  } finally {
    await states.end();
  }
}

/** The same for work that may have nothing to do: what happens to the containers is told from its first step on. */
export async function tellingStatesOfSteps<T>(
  project: string,
  surroundings: Surroundings,
  work: (told: Surroundings) => Promise<T>,
): Promise<T> {
  const states = statesOf(project, [], surroundings);
  const { emit } = surroundings;
  try {
    return await work({
      ...surroundings,
      emit(event) {
        if (event.type === 'step-started') states.begin();
        emit(event);
      },
    });
  } finally {
    await states.end();
  }
}

interface States {
  /** What was begun goes on. */
  begin(): void;
  /** Resolves once all is told that has happened by now. */
  end(): Promise<void>;
}

function statesOf(
  project: string,
  services: readonly string[],
  { runtime, emit, caughtUp }: Surroundings,
): States {
  const finishing = new AbortController();
  const cutting = new AbortController();
  const logsSince = Date.now() / 1000;
  const request = { project, services: new Set(services), logsSince, finish: finishing.signal };
  const follow = async (): Promise<void> => {
    try {
      for await (const told of runtime.follow(request, cutting.signal)) {
        emit(told);
        await caughtUp(cutting.signal);
      }
    } catch (error) {
      for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
    }
  };
  let following: Promise<void> | undefined;
  return {
    begin() {
      following ??= follow();
    },
    async end() {
      // Nobody waits for the last lines of what goes on running.
      if (services.length > 0) cutting.abort();
      finishing.abort();
      await following;
    },
  };
}
