import type { EngineHttp } from './http.ts';
import { readProjectEvents } from './project-events.ts';

/** In seconds: longer ago than what anyone who stopped it has waited for. */
const recently = 60;
/** How long containers that were told to end may take, in milliseconds: as long as engines give them, and a little more. */
const patience = 12_000;

/** See `Runtime.awaitEnds`. Rejects only if the signal is aborted. */
export async function awaitEnds(engine: EngineHttp, project: string, signal: AbortSignal): Promise<void> {
  const now = Date.now() / 1000;
  const until = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const told = new Set<string>();
  try {
    const lately = { project, since: String(now - recently), until: String(now) };
    for await (const { action, id, attributes } of readProjectEvents(engine, lately, until)) {
      if (action === 'kill' && endsProcess(attributes.signal)) told.add(id);
      else if (action === 'start' || action === 'die') told.delete(id);
    }
    if (told.size > 0) {
      // Not by waiting for their exits: an engine answers these a moment before its lists say so, too.
      for await (const { action, id } of readProjectEvents(engine, { project, since: String(now) }, until)) {
        if (action === 'die' || action === 'destroy') told.delete(id);
        if (told.size === 0) break;
      }
    }
  } catch {
    // What can be asked is asked next, and what cannot is told then.
  }
  signal.throwIfAborted();
}

/** Signals that programs are told other things with than to end, by their numbers: SIGHUP, SIGUSR1, SIGUSR2, … */
const messages: ReadonlySet<string> = new Set([
  '0',
  '1',
  '10',
  '12',
  '17',
  '18',
  '19',
  '20',
  '23',
  '28',
  '29',
]);

/** Whether a signal, as an event of the engine names it, is to end a process. */
export function endsProcess(signal: string | undefined): boolean {
  return signal !== undefined && !messages.has(signal);
}
