import { interrupted, type Outcome } from '../commands/outcome.ts';
import { isOnThisMachine, resolveEndpoint } from '../docker/endpoint.ts';
import { dockerRuntime } from '../docker/runtime.ts';
import { readRuleFiles } from '../docker/sync/rule-files.ts';
import { listFiles } from '../files/list.ts';
import { watchFiles } from '../files/watch.ts';
import type { Emit, Event } from '../model/event.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import { withProviders } from '../providers/runtime.ts';
import { networkAddresses } from './addresses.ts';
import { keptCrash } from './crash.ts';
import { limited } from './limit.ts';
import { projectLock, watchLock } from './lock.ts';
import { settingsInUse } from './settings.ts';
import { userTrust } from './trusted.ts';

export interface Session {
  readonly surroundings: Surroundings;
  /** Says who hears of what happens; until then no one does. */
  listen(listener: (event: Event) => void): void;
  /** What Ctrl-C does: the first time it asks to end, the second time it insists. */
  interrupt(): void;
  /** Ends the command but lets the stack run. */
  leave(): void;
  /** Hands signals on from now on, instead of taking them for the wish to end. */
  divert(receive: (name: NodeJS.Signals) => void): void;
  /** While other work has the terminal, what is typed there to end it is no wish to end the command. */
  lending<T>(onInterrupt: () => void, work: () => Promise<T>): Promise<T>;
}

/** Those that mean something to programs; the others are about the terminal, or cannot be caught. */
const diverted = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a command connected with the engine, the file system and the process's signals. A command that fails because the
 * user wants it to end has not failed.
 */
export async function inSession(work: (session: Session) => Promise<Outcome>): Promise<Outcome> {
  const { engine, parallel, rehearse, asCompose, witness } = settingsInUse();
  const endpoint = await resolveEndpoint(engine.variables, engine.options);
  const runtime = limited(withProviders(dockerRuntime(endpoint, witness), engine.variables), parallel);
  const isHere = isOnThisMachine(endpoint);
  const ending = new AbortController();
  const forcing = new AbortController();
  const leaving = new AbortController();
  let listener: (event: Event) => void = () => {};
  const emit: Emit = (event) => {
    const at = event.at ?? Date.now();
    // What the program does wrong is told together with where it was written down.
    if (event.type === 'problem-found' || event.type === 'step-failed')
      listener({ ...event, problem: keptCrash(event.problem), at });
    else listener({ ...event, at });
  };
  const tell = (problem: Problem): void => emit({ type: 'problem-found', problem });
  const end = (): void => ending.abort();
  const interrupt = (): void => (ending.signal.aborted ? forcing.abort() : end());
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, interrupt);
  let receiver: ((name: NodeJS.Signals) => void) | undefined;
  const divert = (receive: (name: NodeJS.Signals) => void): void => {
    for (const name of signals) process.off(name, interrupt);
    process.off('SIGHUP', end);
    receiver = receive;
    for (const name of diverted) process.on(name, receive);
  };
  // A terminal that was closed says so in several ways at once, of which none insists.
  process.on('SIGHUP', end);
  process.stdout.on('error', end);
  try {
    return await work({
      surroundings: {
        runtime,
        engineIsHere: isHere,
        watchFiles,
        readRuleFiles,
        listFiles,
        exclusively:
          rehearse === undefined
            ? projectLock(endpoint.url, tell)
            : (_project, _signal, rehearsed) => rehearsed(false),
        asOnlyWatcher: watchLock(endpoint.url, tell),
        emit,
        caughtUp,
        rehearse,
        trust: userTrust(),
        addresses: asCompose || !isHere ? undefined : networkAddresses,
        recall: async (question, find) => (await import('./again/recall.ts')).recall(question, find),
        replaceOrder: asCompose ? 'stop-first' : 'start-first',
        signal: ending.signal,
        force: forcing.signal,
        leave: leaving.signal,
      },
      listen: (told) => {
        listener = told;
      },
      interrupt,
      leave: () => leaving.abort(),
      divert,
      async lending(onInterrupt, given) {
        process.off('SIGINT', interrupt);
        process.on('SIGINT', onInterrupt);
        try {
          return await given();
        } finally {
          process.on('SIGINT', interrupt);
          process.off('SIGINT', onInterrupt);
        }
      },
    });
  } catch (error) {
    if (ending.signal.aborted) return interrupted;
    throw error;
  } finally {
    for (const name of signals) process.off(name, interrupt);
    process.off('SIGHUP', end);
    if (receiver !== undefined) for (const name of diverted) process.off(name, receiver);
    process.stdout.off('error', end);
  }
}

/** Waits while stdout or stderr have more to write than they hold; one that no one reads any more holds nobody up. */
async function caughtUp(signal: AbortSignal): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.writableNeedDrain || stream.destroyed || signal.aborted) continue;
    await new Promise<void>((resolve) => {
      const proceed = (): void => {
        stream.off('drain', proceed).off('close', proceed);
        signal.removeEventListener('abort', proceed);
        resolve();
      };
      stream.on('drain', proceed).on('close', proceed);
      signal.addEventListener('abort', proceed);
    });
  }
}
