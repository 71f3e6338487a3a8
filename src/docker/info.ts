import { call } from './api.ts';
import type { EngineHttp } from './http.ts';

/** What an engine tells of itself and of its machine, as far as it is of use here. */
interface EngineInfo {
  readonly Name?: string;
  readonly OperatingSystem?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly Architecture?: string;
  readonly DockerRootDir?: string;
  readonly SystemTime?: string;
  readonly DefaultAddressPools?: readonly { readonly Base: string; readonly Size: number }[] | null;
  readonly BuildahVersion?: string;
  readonly Driver?: string;
  readonly DriverStatus?: readonly (readonly string[])[];
  readonly CgroupVersion?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly Warnings?: readonly string[] | null;
}

interface Told {
  readonly info: EngineInfo;
  /** By how much the clock of the engine is ahead of the one here, in seconds; not a number: it does not tell. */
  readonly clockAhead: number;
}

/** How long what was told counts as it is, in milliseconds: a command that asks for several reasons does so in its first moments. */
const lasting = 2000;

const askedBefore = new WeakMap<EngineHttp, { readonly at: number; readonly told: Promise<Told> }>();

/**
 * What the engine tells of itself. It takes it a while to find that out: who asks again at once is told the same. Throws as `call`
 * does.
 */
export async function engineInfo(engine: EngineHttp, signal: AbortSignal): Promise<Told> {
  const before = askedBefore.get(engine);
  if (before !== undefined && performance.now() - before.at < lasting) {
    const told = await Promise.race([before.told.catch(() => undefined), aborted(signal)]);
    signal.throwIfAborted();
    // What ended that question need not end this one.
    if (told !== undefined) return told;
  }
  const told = ask(engine, signal);
  askedBefore.set(engine, { at: performance.now(), told });
  return told;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

async function ask(engine: EngineHttp, signal: AbortSignal): Promise<Told> {
  const asked = Date.now();
  const info = await call<EngineInfo>(engine, 'GET', '/info', { signal });
  const now = (asked + Date.now()) / 2;
  return { info, clockAhead: (Date.parse(info.SystemTime ?? '') - now) / 1000 };
}
