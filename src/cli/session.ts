import { readBuildContext } from '../docker/build/watched.ts';
import { resolveEndpoint } from '../docker/endpoint.ts';
import { dockerRuntime } from '../docker/runtime.ts';
import { watchFiles } from '../files/watch.ts';
import type { Event } from '../model/event.ts';
import type { Surroundings } from '../model/runtime.ts';

export interface Session {
  readonly surroundings: Surroundings;
  /** What Ctrl-C does: the first time it asks to end, the second time it insists. */
  readonly interrupt: () => void;
  readonly close: () => void;
}

/** Connects a command with the engine, the file system, the listener and the process's signals. */
export async function openSession(listener: (event: Event) => void): Promise<Session> {
  const ending = new AbortController();
  const forcing = new AbortController();
  const interrupt = (): void => {
    if (ending.signal.aborted) forcing.abort();
    else ending.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  return {
    surroundings: {
      runtime: dockerRuntime(await resolveEndpoint(process.env)),
      watchFiles,
      readBuildContext,
      emit: (event) => listener({ ...event, at: Date.now() }),
      signal: ending.signal,
      force: forcing.signal,
    },
    interrupt,
    close: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
