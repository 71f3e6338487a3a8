import type Docker from 'dockerode';
import type { AttachRequest, Ended, UserStreams } from '../model/streams.ts';
import { call, openStream } from './api.ts';
import { keepSize } from './exec.ts';
import { hijack } from './hijack.ts';
import type { EngineConnection, EngineHttp } from './http.ts';
import { converse } from './streams/converse.ts';
import { defaultDetachKeys, parseDetachKeys } from './streams/detach.ts';

/** See `EngineStreams.attach`. */
export async function attach(
  engine: EngineConnection,
  request: AttachRequest,
  streams: UserStreams,
  signal: AbortSignal,
): Promise<Ended> {
  const { container, starting, removed, detachKeys = defaultDetachKeys } = request;
  const keys = parseDetachKeys(detachKeys);
  const path = `/containers/${container}`;
  const { tty, takesInput } = starting
    ? { ...starting, takesInput: true }
    : await madeWith(engine, path, signal);
  const input = request.input && takesInput;
  const over = new AbortController();
  const waiting = AbortSignal.any([signal, over.signal]);
  const begin = async () => {
    const query = { stream: '1', stdout: '1', stderr: '1', stdin: input ? '1' : '0', detachKeys };
    const condition = starting === undefined ? 'not-running' : 'next-exit';
    // All asked before the start: nothing of what is written is missed, and no end, however soon.
    const [connection, ended, gone = ended] = await Promise.all([
      hijack(engine, `${path}/attach`, { query, signal: waiting }),
      awaitExit(engine, path, condition, waiting),
      ...(removed ? [awaitExit(engine, path, 'removed', waiting)] : []),
    ]);
    await starting?.start();
    // Of a container that has been removed, Podman tells 0, whatever it ended with.
    return { connection, exitCode: ended.exitCode, gone: gone.exitCode };
  };
  const { connection, exitCode, gone } = await begin().catch((error: unknown) => {
    over.abort();
    throw error;
  });
  const opened = streams.open({ raw: tty, input });
  try {
    if (tty) keepSize(engine, path, opened, signal, { redraw: starting === undefined });
    const end = await converse(connection, { tty, detachKeys: keys, streams, opened });
    if (end === 'detached') return { how: 'detached' };
    await gone;
    return { how: 'exited', exitCode: await exitCode };
  } finally {
    over.abort();
    opened.close();
  }
}

async function madeWith(
  engine: EngineHttp,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly tty: boolean; readonly takesInput: boolean }> {
  const { Config } = await call<Docker.ContainerInspectInfo>(engine, 'GET', `${path}/json`, { signal });
  return { tty: Config.Tty, takesInput: Config.OpenStdin };
}

/** Resolves once the engine is waiting, with the promise of the exit code. */
async function awaitExit(
  engine: EngineHttp,
  path: string,
  condition: 'next-exit' | 'removed' | 'not-running',
  signal: AbortSignal,
): Promise<{ readonly exitCode: Promise<number> }> {
  const answer = await openStream(engine, 'POST', `${path}/wait`, { query: { condition }, signal });
  const exitCode = readExit(answer);
  // Whoever waits for it hears of a failure; until then it must not count as unhandled.
  exitCode.catch(() => {});
  return { exitCode };
}

async function readExit(answer: AsyncIterable<Buffer>): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const { StatusCode } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { StatusCode: number };
  return StatusCode;
}

/** See `EngineStreams.signalContainer`. */
export async function signalContainer(
  engine: EngineHttp,
  container: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const options = { query: { signal: name }, signal, accept: [404, 409] };
  await call(engine, 'POST', `/containers/${container}/kill`, options);
}
