import { holderPrefix } from '../model/labels.ts';
import type { KeptVolume } from '../model/observed.ts';
import { jsonLine } from './json.ts';
import { formatAge } from './moments.ts';
import { formatSize } from './sizes.ts';
import { denseLayout, formatTable } from './table.ts';

/** What is kept of removed volumes, and how much longer: `now` and `age` in seconds. */
export function formatKept(kept: readonly KeptVolume[], now: number, age: number): string {
  const rows = kept.map(({ holder, name, was, project, size, at }) => [
    holder.slice(holderPrefix.length),
    was ?? name,
    project,
    formatSize(size),
    `${formatAge(now - at)} ago`,
    at + age < now ? 'until something is removed' : formatAge(at + age - now),
  ]);
  return formatTable([['ID', 'VOLUME', 'PROJECT', 'SIZE', 'REMOVED', 'KEPT FOR'], ...rows], denseLayout);
}

/** The same as JSON lines. */
export function formatKeptJson(kept: readonly KeptVolume[], age: number): string {
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
  return kept
    .map(({ id, holder, name, was, project, size, at }) => {
      const line = {
        id,
        holder,
        volume: name,
        was,
        project,
        size,
        removed: time(at),
        keptUntil: time(at + age),
      };
      return jsonLine(line);
    })
    .join('');
}
