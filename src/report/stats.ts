import type { Measurable, Measurement } from '../model/streams.ts';
import { type Formattable, formatItems } from './formatted.ts';
import { formatBinarySize, formatSize } from './sizes.ts';

/** What a container uses, as the table of `stats` needs it. */
export interface StatsRow {
  readonly container: Measurable;
  /** Absent: not known yet. */
  readonly measurement?: Measurement;
}

/** `table`, `table TEMPLATE`, `json` or a template, with the fields of Docker. Ids are cut unless `whole`. */
export function formatStats(
  rows: readonly StatsRow[],
  format: string,
  { whole }: { whole: boolean },
): string {
  return formatItems(format, rows, formattable(whole));
}

const unknown = '--';

function formattable(whole: boolean): Formattable<StatsRow> {
  return {
    table:
      '{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
    headings: {
      BlockIO: 'BLOCK I/O',
      CPUPerc: 'CPU %',
      Container: 'CONTAINER',
      ID: 'CONTAINER ID',
      MemPerc: 'MEM %',
      MemUsage: 'MEM USAGE / LIMIT',
      Name: 'NAME',
      NetIO: 'NET I/O',
      PIDs: 'PIDS',
    },
    fields: ({ container: { id, name }, measurement: used }) => ({
      BlockIO: used === undefined ? unknown : `${formatSize(used.read)} / ${formatSize(used.written)}`,
      CPUPerc: used === undefined ? unknown : percent(used.cpuPercent),
      Container: id,
      ID: whole ? id : id.slice(0, 12),
      MemPerc: used === undefined ? unknown : percent(used.memoryPercent),
      MemUsage:
        used === undefined
          ? `${unknown} / ${unknown}`
          : `${formatBinarySize(used.memory)} / ${formatBinarySize(used.memoryLimit)}`,
      Name: name,
      NetIO: used === undefined ? unknown : `${formatSize(used.received)} / ${formatSize(used.sent)}`,
      PIDs: used === undefined ? unknown : String(used.processes),
    }),
    labels: () => ({}),
  };
}

function percent(share: number): string {
  return `${share.toFixed(2)}%`;
}
