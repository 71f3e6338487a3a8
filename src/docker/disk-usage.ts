import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import { call } from './api.ts';
import type { EngineHttp } from './http.ts';

interface DiskUsage {
  readonly Containers?: readonly (Docker.ContainerInfo & { readonly SizeRw?: number })[] | null;
  readonly Volumes?:
    | readonly {
        readonly Labels?: Readonly<Record<string, string>> | null;
        readonly UsageData?: { readonly Size: number } | null;
      }[]
    | null;
}

/** See `EngineInspection.diskUsage`. */
export async function diskUsage(
  engine: EngineHttp,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  // Without images and the cache of builds, which belong to no project and take longest to count.
  const query = { type: ['container', 'volume'] };
  const { Containers, Volumes } = await call<DiskUsage>(engine, 'GET', '/system/df', {
    query,
    signal,
    slow: true,
  });
  const sizes = new Map<string, number>();
  const add = (project: string | undefined, bytes: number): void => {
    // Volumes of drivers that do not count have a negative size.
    if (project !== undefined) sizes.set(project, (sizes.get(project) ?? 0) + Math.max(0, bytes));
  };
  for (const { Labels, SizeRw = 0 } of Containers ?? []) add(Labels[label.project], SizeRw);
  for (const { Labels, UsageData } of Volumes ?? []) add(Labels?.[label.project], UsageData?.Size ?? 0);
  return sizes;
}
