import { readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { EngineHttp } from './http.ts';
import { meterOf } from './meter.ts';
import { sleep } from './sleep.ts';

/** How often the tables of the kernel are looked at, in milliseconds. */
const every = 25;

/** Waits between two looks at a container. */
export interface Pauses {
  /**
   * Resolves after the time: false; or once there is reason to look again, but not before the shortest one: true. In
   * milliseconds.
   */
  pause(longest: number, shortest: number, signal: AbortSignal): Promise<boolean>;
}

/**
 * Programs mostly begin to listen when they are ready, or have done some work before they wait for more, and a native engine on
 * this machine lets that be seen without running anything in the container. It is a hint to look again and no more: where it
 * cannot be seen nothing is lost.
 */
export function pausesOf(
  engine: EngineHttp,
  { Id, State }: { readonly Id: string; readonly State: Pick<Docker.ContainerInspectInfo['State'], 'Pid'> },
): Pauses {
  const files = [`/proc/${State.Pid}/net/tcp`, `/proc/${State.Pid}/net/tcp6`];
  let isVisible = engine.host === '127.0.0.1' && State.Pid > 0;
  const metering = isVisible ? meterOf(Id) : undefined;
  let known: string | undefined;
  return {
    async pause(longest, shortest, signal) {
      const began = performance.now();
      const end = began + longest;
      const meter = await metering;
      let used = await meter?.used();
      let hasWorked = false;
      let isHinted = false;
      while (isVisible && !signal.aborted && performance.now() < end) {
        const [listening, now] = await Promise.all([listeningIn(files), meter?.used()]);
        isVisible = listening !== undefined;
        isHinted ||= known !== undefined && listening !== known && listening !== '';
        // It has worked, and does not any more.
        isHinted ||= hasWorked && now === used;
        hasWorked ||= now !== used;
        used = now;
        known = listening;
        if (isHinted && performance.now() - began >= shortest) return true;
        await sleep(Math.min(every, Math.max(end - performance.now(), 0)), signal);
      }
      if (!isVisible) await sleep(Math.max(end - performance.now(), 0), signal);
      return false;
    },
  };
}

/** The addresses that are listened on, one a line; undefined: the tables are not to be seen. */
async function listeningIn(files: readonly string[]): Promise<string | undefined> {
  const tables = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => undefined)));
  if (tables[0] === undefined) return undefined;
  const lines = tables.flatMap((table) => table?.split('\n') ?? []);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === '0A')
    .map(([, local]) => local)
    .join('\n');
}
