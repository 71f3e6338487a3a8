import { EngineGarbled } from './unreachable.ts';

/** How often something is tried that fails for a reason which may pass. */
export const tries = 3;

/** How long to wait before a question is asked again, in milliseconds, for each time that it was asked. */
export const readPause = 50;

/** Whether something failed for what may be otherwise the next time: the way to the engine, not what the engine says. */
export function mayPass(error: unknown): boolean {
  return error instanceof EngineGarbled || (error instanceof Error && isCut(error));
}

/** Whether a connection broke that had been made: the engine is there, or was a moment ago. */
function isCut(error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return cuts.has(code) || /socket hang up|premature close/i.test(error.message);
}

const cuts: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Whether nothing listens where an engine was: it is being restarted. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // A file or a program of this machine can be missing, too.
  return code === 'ECONNREFUSED' || (code === 'ENOENT' && syscall === 'connect');
}
