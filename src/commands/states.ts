import { problemsOf } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';

/** Does some work and meanwhile tells what happens to the containers of a project, and what some services write. */
export async function tellingStates<T>(
  project: string,
  services: readonly string[],
  { runtime, emit, caughtUp }: Surroundings,
  work: () => Promise<T>,
): Promise<T> {
  const finishing = new AbortController();
  const cutting = new AbortController();
  const logsSince = Date.now() / 1000;
  const request = { project, services: new Set(services), logsSince, finish: finishing.signal };
  const following = (async () => {
    for await (const told of runtime.follow(request, cutting.signal)) {
      emit(told);
      await caughtUp(cutting.signal);
    }
  })().catch((error: unknown) => {
    for (const problem of problemsOf(error)) emit({ type: 'problem-found', problem });
  });
  try {
    return await work();
  } finally {
    // Nobody waits for the last lines of what goes on running.
    if (services.length > 0) cutting.abort();
    finishing.abort();
    await following;
  }
}
