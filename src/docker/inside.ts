import { call, openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { readLogLines } from './streams/demux.ts';

/** A command to run inside a container, in the engine's words. */
export interface InsideCommand {
  readonly Cmd: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string | undefined;
  readonly WorkingDir?: string | undefined;
  readonly Privileged?: boolean | undefined;
}

/** Runs a command inside a container to its end and gives its exit code; what it writes is told line by line. */
export async function runInside(
  engine: EngineHttp,
  container: string,
  command: InsideCommand,
  tell: (lines: readonly string[]) => void,
  signal: AbortSignal,
): Promise<number> {
  const { Id } = await call<{ Id: string }>(engine, 'POST', `/containers/${container}/exec`, {
    body: { ...command, AttachStdout: true, AttachStderr: true },
    signal,
    quick: true,
  });
  const output = await openStream(engine, 'POST', `/exec/${Id}/start`, {
    body: { Detach: false, Tty: false },
    signal,
    quick: true,
  });
  // The output ends when the command has ended.
  for await (const { lines } of readLogLines(output, false)) tell(lines);
  const { ExitCode } = await call<{ ExitCode: number }>(engine, 'GET', `/exec/${Id}/json`, { signal });
  return ExitCode;
}
