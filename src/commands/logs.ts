import type { LoadRequest } from '../load/load.ts';
import { failure } from '../model/problem.ts';
import type { PrintableOutput, Surroundings } from '../model/runtime.ts';
import { type Identity, identify, observeProject } from './identity.ts';
import { interrupted, type Outcome, succeeded } from './outcome.ts';
import { notRunning } from './replica.ts';

export interface LogsOptions {
  readonly load: LoadRequest;
  readonly follow: boolean;
  readonly tail: number | 'all';
  readonly timestamps: boolean;
  readonly since?: string;
  readonly until?: string;
  /** Only of the replica with this number; 0: of all. */
  readonly index: number;
  /** Shows what is harmless as it is, in turn with what is told; absent: all is told. */
  readonly print?: (output: PrintableOutput) => void;
}

/** Tells what the services wrote; with `follow` until all have ended or the user ends it. */
export async function logs({ load, ...options }: LogsOptions, surroundings: Surroundings): Promise<Outcome> {
  const { signal } = surroundings;
  try {
    await tellLogs(load, options, surroundings);
  } catch (error) {
    // What the user ends breaks off somewhere, and that is no failure.
    if (!signal.aborted) throw error;
  }
  return signal.aborted ? interrupted : succeeded;
}

async function tellLogs(
  load: LoadRequest,
  { index, print, ...options }: Omit<LogsOptions, 'load'>,
  surroundings: Surroundings,
): Promise<void> {
  const { runtime, emit, caughtUp, signal } = surroundings;
  if (index !== 0 && load.services.length !== 1) throw oneServiceOnly();
  const project = await identify(load, surroundings);
  const services = await servicesOf(project, load.services, index, surroundings);
  const printed = async (output: PrintableOutput): Promise<void> => {
    print?.(output);
    await caughtUp(signal);
  };
  const request = {
    project: project.name,
    services,
    ...options,
    ...(index === 0 ? {} : { number: index }),
    ...(print === undefined ? {} : { print: printed }),
  };
  for await (const event of runtime.readLogs(request, signal)) {
    emit(event);
    await caughtUp(signal);
  }
}

/** Services that are not to be attached to speak only if they are named. */
async function servicesOf(
  project: Identity,
  named: readonly string[],
  index: number,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  const { hasFile, services = [], unattached } = project;
  if (hasFile && index === 0)
    return named.length > 0 ? named : services.filter((name) => !unattached.includes(name));
  const { containers, warnings } = await observeProject(project, surroundings);
  for (const problem of warnings) surroundings.emit({ type: 'problem-found', problem });
  const [only = ''] = named;
  if (index !== 0 && !containers.some(({ service, number }) => service === only && number === index))
    throw notRunning(only, index);
  return named.length > 0 ? named : [...new Set(containers.map(({ service }) => service))];
}

function oneServiceOnly() {
  return failure({ code: 'invalid-option', message: '--index requires one service to be selected' });
}
