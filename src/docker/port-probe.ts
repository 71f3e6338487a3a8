import http from 'node:http';
import type Docker from 'dockerode';
import { EngineRefusal } from './api.ts';
import { connects } from './connects.ts';
import type { EngineHttp } from './http.ts';
import { runInside } from './inside.ts';
import type { ProbeResult } from './probes.ts';
import { readSockets } from './tcp.ts';
import { type Way, wayTo } from './ways.ts';

/** How long one connection may take, in milliseconds. */
const patience = 5000;

/** How long a relay takes at most to close a connection behind which no one listens, in milliseconds. */
const relayDelay = 150;

/**
 * Whether something listens on a TCP port of a container: asked from here where a way leads there, else of the tables of
 * the kernel inside the container. Undefined: neither can be.
 */
export async function probeTcp(
  engine: EngineHttp,
  container: Docker.ContainerInspectInfo,
  port: number,
  signal: AbortSignal,
): Promise<ProbeResult | undefined> {
  const way = await wayTo(engine, container, port, signal);
  if (way?.relayed === false) return listensAt(way, port, signal);
  const inside = await listensInside(engine, container.Id, port, signal);
  return inside ?? (way === undefined ? undefined : listensAt(way, port, signal));
}

/** What answers to a request for a path, on a port of a container. Undefined: there is no way to ask. */
export async function probeHttp(
  engine: EngineHttp,
  container: Docker.ContainerInspectInfo,
  { port, path, status }: { readonly port: number; readonly path: string; readonly status?: number },
  signal: AbortSignal,
): Promise<ProbeResult | undefined> {
  const way = await wayTo(engine, container, port, signal);
  const answer =
    way === undefined
      ? await askInside(engine, container.Id, `http://127.0.0.1:${port}${path}`, signal)
      : await ask(way, path, signal);
  if (answer === undefined || typeof answer === 'string')
    return answer === undefined ? undefined : { exitCode: 1, output: answer };
  const isWanted = status === undefined ? answer < 400 : answer === status;
  return { exitCode: isWanted ? 0 : 1, output: `${path} answered ${answer}` };
}

/** Whether a connection comes about; one that is closed at once by a relay has come to nobody. */
async function listensAt(way: Way, asked: number, signal: AbortSignal): Promise<ProbeResult> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  return described(asked, await connects(way, way.relayed ? relayDelay : 0, limit));
}

function described(port: number, listens: boolean): ProbeResult {
  return listens
    ? { exitCode: 0, output: `port ${port} listens` }
    : { exitCode: 1, output: `nothing listens on port ${port}` };
}

/** Whether a port is among those that the tables of the kernel have as listening; undefined: they cannot be read. */
async function listensInside(
  engine: EngineHttp,
  container: string,
  port: number,
  signal: AbortSignal,
): Promise<ProbeResult | undefined> {
  const sockets = await readSockets(
    engine,
    container,
    AbortSignal.any([signal, AbortSignal.timeout(patience)]),
  );
  return sockets && described(port, sockets.listening.has(port));
}

/** The status of an answer, or why there is none. */
function ask({ host, port }: Way, path: string, signal: AbortSignal): Promise<number | string> {
  return new Promise((resolve) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const request = http.get({ host, port, path, agent: false, signal: limit }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === undefined || limit.aborted ? 'no answer' : `no answer: ${code}`),
    );
  });
}

/** The same from inside the container, by what it has for that. */
async function askInside(
  engine: EngineHttp,
  container: string,
  url: string,
  signal: AbortSignal,
): Promise<number | string | undefined> {
  const lines: string[] = [];
  const script =
    'if command -v curl >/dev/null; then curl -sS -o /dev/null -w "%{http_code}" -- "$0"; else wget -S -q -O /dev/null -- "$0"; fi';
  const Cmd = ['/bin/sh', '-c', script, url];
  const code = await runQuietly(engine, container, Cmd, (more) => lines.push(...more), signal);
  if (code === undefined || code === 127) return undefined;
  const [, status] = /(?:^|HTTP\/[\d.]+ )([1-5]\d\d)\b/m.exec(lines.join('\n')) ?? [];
  return status === undefined ? (lines.at(-1)?.trim() ?? 'no answer') : Number(status);
}

/** The exit code of a command inside a container; undefined if it has none of that name. */
async function runQuietly(
  engine: EngineHttp,
  container: string,
  Cmd: readonly string[],
  tell: (lines: readonly string[]) => void,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const code = await runInside(
      engine,
      container,
      { Cmd },
      tell,
      AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    );
    // That is how engines tell that there is no such program.
    return code === 126 || code === 127 ? undefined : code;
  } catch (error) {
    if (error instanceof EngineRefusal || signal.aborted) return undefined;
    throw error;
  }
}
