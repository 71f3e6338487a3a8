import { failure } from '../model/problem.ts';
import type { EngineHttp } from './http.ts';
import { volumeSizes } from './volume-sizes.ts';

/** How long is waited for the engine to count what is in volumes, in milliseconds. */
const patience = 60_000;

/**
 * Engines leave out of a copy what they cannot read, and say nothing. Throws `volume-unreadable` if a volume has more than
 * the one that was to get all of it.
 */
export async function refusePart(
  engine: EngineHttp,
  { from, to, hint }: { readonly from: string; readonly to: string; readonly hint: string },
  signal: AbortSignal,
): Promise<void> {
  const sizes = await volumeSizes(engine, patience, signal);
  const [there, copied = 0] = [sizes.get(from), sizes.get(to)];
  if (there === undefined || (there >= 0 && there <= copied)) return;
  const part = there < 0 ? 'not all' : `only ${copied} of the ${there} bytes`;
  throw failure({
    code: 'volume-unreadable',
    message: `the engine can read ${part} of what volume ${from} has, so the volume stays`,
    hint,
  });
}
