import { EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';
import { runInside } from './inside.ts';

/** What a container has to do with others by TCP. */
export interface Sockets {
  /** The ports that it accepts connections on from outside. */
  readonly listening: ReadonlySet<number>;
  /** How many connections to these are open. */
  readonly connected: number;
}

/**
 * As the container itself tells it, which needs a `cat` in it: engines hand out no file of `/proc`. Undefined if it has none,
 * or does not run.
 */
export async function readSockets(
  engine: EngineHttp,
  container: string,
  signal: AbortSignal,
): Promise<Sockets | undefined> {
  const lines: string[] = [];
  const keep = (more: readonly string[]): void => void lines.push(...more);
  const command = { Cmd: ['cat', '/proc/net/tcp', '/proc/net/tcp6'] };
  try {
    await runInside(engine, container, command, keep, signal);
  } catch (error) {
    if (error instanceof EngineRefusal || signal.aborted) return undefined;
    throw error;
  }
  return lines.some((line) => line.includes('local_address')) ? socketsOf(lines) : undefined;
}

const isListening = '0A';
const isOpen: ReadonlySet<string | undefined> = new Set(['01', '03']);

/** Lines of `/proc/net/tcp` and `/proc/net/tcp6`: `0: 00000000:1F90 00000000:0000 0A …`. */
export function socketsOf(lines: readonly string[]): Sockets {
  const sockets = lines.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    return /^[0-9A-F]+$/.test(port) ? [{ address, port: Number.parseInt(port, 16), state }] : [];
  });
  const listening = new Set(
    sockets.flatMap(({ address, port, state }) =>
      state === isListening && !isLoopback(address) ? [port] : [],
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
