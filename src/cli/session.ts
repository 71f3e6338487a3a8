import { readBuildContext } from '../docker/build/watched.ts';
import { resolveEndpoint } from '../docker/endpoint.ts';
import { dockerRuntime } from '../docker/runtime.ts';
import { watchFiles } from '../files/watch.ts';
import type { Event } from '../model/event.ts';
import type { Surroundings } from '../model/runtime.ts';

export interface Session {
  readonly surroundings: Surroundings;
  /** Says who hears of what happens; until then no one does. */
  listen(listener: (event: Event) => void): void;
  /** What Ctrl-C does: the first time it asks to end, the second time it insists. */
  interrupt(): void;
  /** Ends the command but lets the stack run. */
  leave(): void;
  close(): void;
}

/** Connects a command with the engine, the file system and the process's signals. */
export async function openSession(): Promise<Session> {
  const runtime = dockerRuntime(await resolveEndpoint(process.env));
  const ending = new AbortController();
  const forcing = new AbortController();
  const leaving = new AbortController();
  let listener: (event: Event) => void = () => {};
  const interrupt = (): void => {
    if (ending.signal.aborted) forcing.abort();
    else ending.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  return {
    surroundings: {
      runtime,
      watchFiles,
      readBuildContext,
      emit: (event) => listener({ ...event, at: Date.now() }),
      signal: ending.signal,
      force: forcing.signal,
      leave: leaving.signal,
    },
    listen: (told) => {
      listener = told;
    },
    interrupt,
    leave: () => leaving.abort(),
    close: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
