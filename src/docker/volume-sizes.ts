import type Docker from 'dockerode';
import { call, EngineRefusal } from './api.ts';
import type { EngineHttp } from './http.ts';

/**
 * Bytes of files by volume, -1 of those that cannot be counted; nothing if that takes longer than so many milliseconds. Engines
 * that are asked twice at the same time refuse the second, and count all files before they answer.
 */
export async function volumeSizes(
  engine: EngineHttp,
  patience: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  type Usage = { readonly Volumes?: readonly Docker.VolumeInspectInfo[] | null };
  if (patience === 0) return new Map();
  const soon = AbortSignal.timeout(patience);
  try {
    const options = {
      query: { type: 'volume' },
      signal: AbortSignal.any([signal, soon]),
      slow: true,
    } as const;
    const { Volumes } = await call<Usage>(engine, 'GET', '/system/df', options);
    return new Map((Volumes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size ?? -1]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineRefusal || soon.aborted) return new Map();
    throw error;
  }
}
