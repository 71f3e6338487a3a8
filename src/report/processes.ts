import type { ProcessList } from '../model/details.ts';
import { maskValue } from '../model/masking.ts';
import type { ObservedContainer } from '../model/observed.ts';
import { denseLayout, formatTable } from './table.ts';

/** The processes of a container as the table of `top` needs them. */
export interface ProcessRows {
  readonly container: Pick<ObservedContainer, 'service' | 'number'>;
  readonly list: ProcessList;
}

/**
 * One table over all containers; commands come last, and what a container's `ps` does not tell is `-`. With `masked`, for
 * people to look at: credentials in commands are not shown, nor are the `known` ones.
 */
export function formatProcesses(
  containers: readonly ProcessRows[],
  { masked, known = [] }: { readonly masked: boolean; readonly known?: readonly string[] },
): string {
  if (containers.length === 0) return '';
  const all = [...new Set(containers.flatMap(({ list }) => list.titles))];
  const titles = [...all.filter((title) => title !== command), ...all.filter((title) => title === command)];
  const shown = (title: string, text: string): string =>
    masked && title === command ? maskValue('', text, known) : text;
  const rows = containers.flatMap(({ container, list }) =>
    list.processes.map((process) => [
      container.service,
      String(container.number),
      ...titles.map((title) => shown(title, process[list.titles.indexOf(title)] ?? '-')),
    ]),
  );
  return formatTable([['SERVICE', '#', ...titles], ...rows], denseLayout);
}

const command = 'CMD';
