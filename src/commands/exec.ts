import type { LoadRequest } from '../load/load.ts';
import type { Problem } from '../model/problem.ts';
import type { Surroundings } from '../model/runtime.ts';
import type { Ended, TerminalSize, UserStreams } from '../model/streams.ts';
import { resolveVariables } from './assignments.ts';
import { interrupted, type Outcome, succeeded } from './outcome.ts';
import { findReplica } from './replica.ts';

export interface ExecOptions {
  readonly load: LoadRequest;
  readonly service: string;
  readonly index: number;
  readonly command: readonly string[];
  /** `NAME=VALUE`, or `NAME` for one of the project's variables. */
  readonly environment: readonly string[];
  readonly tty: boolean;
  /** What the terminal begins with. */
  readonly size?: TerminalSize;
  readonly input: boolean;
  /** Do not wait for its end. */
  readonly detach: boolean;
  readonly privileged: boolean;
  readonly user?: string;
  readonly workingDirectory?: string;
}

/** Runs a command in a container of a service, and ends as it does. */
export async function exec(
  options: ExecOptions,
  streams: UserStreams,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { load, command, tty, size, input, detach, privileged, user, workingDirectory } = options;
  const { runtime, signal } = surroundings;
  const [container, variables] = await Promise.all([
    findReplica(options, surroundings),
    variablesOf(options),
  ]);
  const request = {
    container: container.id,
    command,
    environment: resolveVariables(options.environment, variables, load),
    tty,
    ...(size === undefined ? {} : { size }),
    input,
    privileged,
    ...(user === undefined ? {} : { user }),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
  };
  if (detach) {
    const refused = await runtime.execDetached(request, signal);
    if (refused === undefined) return succeeded;
    return { exitCode: 1, problems: [{ ...cannotRun(options, refused), cause: refused }] };
  }
  const ended = await runtime.exec(request, streams, signal);
  if (signal.aborted) return interrupted;
  return outcomeOfProcess(ended, options);
}

/** The project's variables, if one of them is named. */
async function variablesOf({
  environment,
  load,
  service,
}: ExecOptions): Promise<ReadonlyMap<string, string> | undefined> {
  if (environment.every((word) => word.includes('='))) return undefined;
  const { findProject } = await import('./project.ts');
  return (await findProject({ ...load, services: [service] })).loaded?.variables;
}

function outcomeOfProcess(ended: Ended, options: ExecOptions): Outcome {
  if (ended.how === 'detached') return succeeded;
  const { exitCode, refused } = ended;
  // What the engine said about it has been told as if the command had written it.
  return { exitCode, problems: refused === undefined ? [] : [cannotRun(options, refused)] };
}

/** A command that the engine could not start, by the words of engines 20.10 to 28. */
function cannotRun({ service, command, workingDirectory }: ExecOptions, said: string): Problem {
  const problem = { severity: 'error', service } as const;
  const [program = ''] = command;
  if (/chdir to cwd/.test(said))
    return {
      ...problem,
      code: 'invalid-option',
      message: `${service} has no folder ${workingDirectory ?? ''}`,
      hint: 'name another one with --workdir',
    };
  // What lets processes into a container, and nothing that is in it.
  if (/error starting setns process: fork\/exec .* no such file/.test(said))
    return {
      ...problem,
      code: 'engine-refused',
      message: `the engine lets no process into ${service}`,
      hint: `a new container helps, without what this one has written outside of volumes: stack up --force-recreate ${service}`,
    };
  if (/executable file not found|no such file or directory/.test(said))
    return {
      ...problem,
      code: 'command-not-found',
      message: `there is no ${program} in ${service}`,
      hint: 'a command that only a shell knows needs: sh -c "…"',
    };
  return {
    ...problem,
    code: 'engine-refused',
    message: `${program} cannot be run in ${service}`,
    hint: 'it has to be a program that the user may run',
  };
}
