import { failure } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { UserStreams } from '../model/streams.ts';
import { interrupted, type Outcome, succeeded } from './outcome.ts';
import { findReplica, type ReplicaOptions } from './replica.ts';

export interface AttachOptions extends ReplicaOptions {
  readonly input: boolean;
  readonly detachKeys?: string;
  /** Called with what sends the process a signal; those of the user are to go there. */
  readonly proxy?: (send: (name: string) => void) => void;
}

/** Connects with the first process of a container, and ends as it does. */
export async function attach(
  options: AttachOptions,
  streams: UserStreams,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { input, detachKeys, proxy } = options;
  const { runtime, signal } = surroundings;
  const container = await findReplica(options, surroundings);
  const { id, name, state, service } = container;
  if (state !== 'running') {
    throw failure({
      code: 'no-container',
      service,
      message: `${name} is ${state}, so nobody can be attached to it`,
      hint: state === 'paused' ? `let it go on first: stack unpause ${service}` : 'stack ps tells what runs',
    });
  }
  const request = { container: id, input, removed: false, ...(detachKeys && { detachKeys }) };
  const ended = await runtime.attach(
    request,
    {
      ...streams,
      open(mode) {
        // With a terminal the keys are the process's, and signals are about this program.
        // One that has ended meanwhile takes no signals.
        if (!mode.raw) proxy?.((sent) => void runtime.signalContainer(id, sent, signal).catch(() => {}));
        return streams.open(mode);
      },
    },
    signal,
  );
  if (signal.aborted) return interrupted;
  return ended.how === 'detached' ? succeeded : { exitCode: ended.exitCode, problems: [] };
}
