import type Docker from 'dockerode';
import type { ContainerRef } from '../model/plan.ts';
import { failure, type ProblemsError } from '../model/problem.ts';
import type { EngineHttp } from './http.ts';
import { lastLines } from './logs.ts';

const linesToShow = 20;

/** The problem of a container that ended though it was to run, or failed though it was to succeed. */
export async function exitProblem(
  engine: EngineHttp,
  container: ContainerRef,
  state: Docker.ContainerInspectInfo['State'],
  signal: AbortSignal,
): Promise<ProblemsError> {
  const lines = await lastLines(engine, container.name, linesToShow, signal);
  const hint = hintOf(state);
  return failure({
    code: 'service-exited',
    service: container.service,
    path: `services.${container.service}`,
    message: `${container.service} ${wordsOfExit(state)}`,
    ...(hint === undefined ? {} : { hint }),
    ...(lines.length === 0 ? {} : { cause: lines.join('\n') }),
  });
}

function wordsOfExit(state: Docker.ContainerInspectInfo['State']): string {
  if (state.OOMKilled) return 'was ended by the kernel because it needed more memory than it may have';
  const again = state.Restarting ? ' and is being restarted by its restart policy' : '';
  const signalName = signalOf(state.ExitCode);
  if (signalName !== undefined) return `was ended by ${signalName} (exit code ${state.ExitCode})${again}`;
  return `ended with exit code ${state.ExitCode}${again}`;
}

/** A process that a signal ended has the exit code 128 plus the signal's number. */
function signalOf(exitCode: number): string | undefined {
  const names: Readonly<Record<number, string>> = {
    4: 'SIGILL',
    6: 'SIGABRT',
    7: 'SIGBUS',
    8: 'SIGFPE',
    9: 'SIGKILL',
    11: 'SIGSEGV',
    15: 'SIGTERM',
  };
  return names[exitCode - 128];
}

function hintOf(state: Docker.ContainerInspectInfo['State']): string | undefined {
  if (state.OOMKilled) return 'raise its memory limit, or find out why it needs so much';
  if (state.ExitCode === 127)
    return 'exit code 127 mostly means that a command in the container was not found';
  if (state.ExitCode === 126) return 'exit code 126 mostly means that a file is not executable';
  return undefined;
}
