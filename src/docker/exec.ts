import type { Ended, ExecRequest, OpenStreams, UserStreams } from '../model/streams.ts';
import { call, EngineRefusal } from './api.ts';
import { hijack } from './hijack.ts';
import type { EngineConnection, EngineHttp } from './http.ts';
import { sleep } from './sleep.ts';
import { converse } from './streams/converse.ts';
import { defaultDetachKeys, parseDetachKeys } from './streams/detach.ts';

/** See `EngineStreams.exec`. */
export async function exec(
  engine: EngineConnection,
  request: ExecRequest,
  streams: UserStreams,
  signal: AbortSignal,
): Promise<Ended> {
  const { tty, input } = request;
  const id = await createExec(engine, request, true, signal);
  const body = { Detach: false, Tty: tty };
  const connection = await hijack(engine, `/exec/${id}/start`, { body, signal });
  const opened = streams.open({ raw: tty, input });
  try {
    if (tty) keepSize(engine, `/exec/${id}`, opened, signal);
    const beginning = createBeginning(streams);
    const end = await converse(connection, {
      tty,
      detachKeys: parseDetachKeys(defaultDetachKeys),
      streams: beginning,
      opened,
    });
    if (end === 'detached') return { how: 'detached' };
    const { exitCode, pid } = await exitOf(engine, id, signal);
    const text = beginning.text();
    // Podman does not tell the process of what has ended, either.
    const refused = pid === 0 && (exitCode === 126 || exitCode === 127) && isRefusal.test(text);
    return { how: 'exited', exitCode, ...(refused ? { refused: text } : {}) };
  } finally {
    opened.close();
  }
}

/** What is told of a process that could not be started. */
const isRefusal = /OCI runtime|exec failed/;

/** See `EngineStreams.execDetached`. */
export async function execDetached(
  engine: EngineHttp,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const id = await createExec(engine, request, false, signal);
  try {
    await call(engine, 'POST', `/exec/${id}/start`, { body: { Detach: true, Tty: request.tty }, signal });
  } catch (error) {
    if (error instanceof EngineRefusal && isRefusal.test(error.said)) return error.said;
    throw error;
  }
  return undefined;
}

async function createExec(
  engine: EngineHttp,
  request: ExecRequest,
  attached: boolean,
  signal: AbortSignal,
): Promise<string> {
  const { container, command, environment, tty, size, input, privileged, user, workingDirectory } = request;
  const { Id } = await call<{ Id: string }>(engine, 'POST', `/containers/${container}/exec`, {
    body: {
      Cmd: command,
      Env: environment,
      Tty: tty,
      ConsoleSize: size === undefined ? undefined : [size.rows, size.columns],
      AttachStdin: attached && input,
      AttachStdout: attached,
      AttachStderr: attached,
      Privileged: privileged,
      User: user,
      WorkingDir: workingDirectory,
      DetachKeys: defaultDetachKeys,
    },
    signal,
    quick: true,
  });
  return Id;
}

/** How long a process may live on after it has closed its output, until it counts as one that does so on purpose. */
const lingering = 2000;

async function exitOf(
  engine: EngineHttp,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly pid: number }> {
  const deadline = performance.now() + lingering;
  for (let pause = 1; ; pause *= 2) {
    const { Running, ExitCode, Pid } = await call<{ Running: boolean; ExitCode: number | null; Pid: number }>(
      engine,
      'GET',
      `/exec/${id}/json`,
      { signal },
    );
    // The engine learns of the end of a process a little after the end of its output.
    if (!Running && ExitCode !== null) return { exitCode: ExitCode, pid: Pid };
    if (performance.now() > deadline) return { exitCode: 0, pid: Pid };
    await sleep(pause, signal);
    signal.throwIfAborted();
  }
}

/** A process that cannot be started is told of as if it had written it. */
function createBeginning(streams: UserStreams): UserStreams & { text(): string } {
  let beginning = '';
  return {
    ...streams,
    write(stream, bytes) {
      if (beginning.length < 4096) beginning += Buffer.from(bytes).toString('utf8');
      return streams.write(stream, bytes);
    },
    text: () => beginning.trim(),
  };
}

/** Makes the terminal of a process as large as that of the user, from now on. */
export function keepSize(
  engine: EngineHttp,
  path: string,
  opened: OpenStreams,
  signal: AbortSignal,
  options: { readonly redraw?: boolean } = {},
): void {
  const { size } = opened;
  if (size === undefined) return;
  const resize = async (more = 0): Promise<void> => {
    const { rows, columns } = size();
    const query = { h: String(rows + more), w: String(columns + more) };
    await call(engine, 'POST', `${path}/resize`, { query, signal });
  };
  const begin = async (): Promise<void> => {
    // A program that is there already draws its screen again when its size changes.
    if (options.redraw === true) await resize(1);
    await resize();
  };
  void insist(begin, signal);
  // A process that has just ended has no size.
  opened.onResize(() => void resize().catch(() => {}));
}

/** The engine refuses to resize a process that does not run quite yet. */
async function insist(act: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let pause = 5; pause < 1000 && !signal.aborted; pause *= 2) {
    try {
      return await act();
    } catch {
      await sleep(pause, signal);
    }
  }
}
