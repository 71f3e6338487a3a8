import { readFile } from 'node:fs/promises';
import { EngineRefusal } from './api.ts';
import { inspectContainer } from './containers.ts';
import type { EngineHttp } from './http.ts';
import { runInside } from './inside.ts';
import { readSocketTable, type Socket, socketState } from './socket-table.ts';

/** What a container has to do with others by TCP. */
export interface Sockets {
  /** The ports that it accepts connections on from outside. */
  readonly listening: ReadonlySet<number>;
  /** How many connections to these are open. */
  readonly connected: number;
}

/**
 * As the kernel tells it where the container runs on this machine, else as it does itself, which needs a `cat` in it: engines hand
 * out no file of `/proc`. Undefined if it has none, or does not run.
 */
export async function readSockets(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
): Promise<Sockets | undefined> {
  try {
    const lines =
      (await linesOutside(engine, container, signal, ['tcp', 'tcp6'])) ??
      (await linesInside(engine, container, signal));
    return lines.some((line) => line.includes('local_address')) ? socketsOf(lines) : undefined;
  } catch (error) {
    if (error instanceof EngineRefusal || signal.aborted) return undefined;
    throw error;
  }
}

/**
 * Whether nobody can reach a container by TCP or UDP. False if it cannot be seen: only where it runs on this machine does the
 * kernel tell that for sure.
 */
export async function listensNowhere(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
): Promise<boolean> {
  const files = ['tcp', 'tcp6', 'udp', 'udp6'];
  const lines = await linesOutside(engine, container, signal, files);
  if (lines === undefined) return false;
  const isOpen = ({ address, state }: Socket): boolean =>
    (state === socketState.listening || state === socketState.unconnected) && !isLoopback(address);
  return !readSocketTable(lines).some(isOpen);
}

/** Undefined: not all of it is to be seen from here. */
async function linesOutside(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
  protocols: readonly string[],
): Promise<readonly string[] | undefined> {
  if (engine.host !== '127.0.0.1') return undefined;
  const info = await inspectContainer(engine, container, signal);
  if (info?.State.Running !== true) return undefined;
  const files = ['cgroup', ...protocols.map((protocol) => `net/${protocol}`)].map(
    (file) => `/proc/${info.State.Pid}/${file}`,
  );
  const [groups, ...tables] = await Promise.all(
    files.map((file) => readFile(file, 'utf8').catch(() => undefined)),
  );
  // An engine in a virtual machine counts the processes of that.
  if (groups?.includes(info.Id) !== true || tables[0] === undefined) return undefined;
  return tables.flatMap((table) => table?.split('\n') ?? []);
}

async function linesInside(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const keep = (more: readonly string[]): void => void lines.push(...more);
  const command = { Cmd: ['cat', '/proc/net/tcp', '/proc/net/tcp6'] };
  await runInside(engine, container, command, keep, signal);
  return lines;
}

/** Also those that one side has closed while what it sent last may not have arrived. */
const isOpen: ReadonlySet<string | undefined> = new Set(['01', '03', '04', '08', '09', '0B']);

/** By the tables of TCP. */
export function socketsOf(lines: readonly string[]): Sockets {
  const sockets = readSocketTable(lines);
  const listening = new Set(
    sockets.flatMap(({ address, port, state }) =>
      state === socketState.listening && !isLoopback(address) ? [port] : [],
    ),
  );
  const open = sockets.filter(({ port, state }) => isOpen.has(state) && listening.has(port));
  return { listening, connected: open.length };
}

/** Addresses are numbers in the order of the processor: 127.0.0.1 is `0100007F`. */
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith('7F');
  const [mapped, plain] = [/^0{16}FFFF0000.{6}7F$/, /^0{24}01000000$/];
  return mapped.test(address) || plain.test(address);
}
