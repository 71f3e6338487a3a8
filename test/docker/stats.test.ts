import { expect, test } from 'vitest';
import { measurementOf, type Stats } from '../../src/docker/stats.ts';
import { formatStats } from '../../src/report/stats.ts';

const measured: Stats = {
  read: '2026-01-02T03:04:05Z',
  cpu_stats: { cpu_usage: { total_usage: 300 }, system_cpu_usage: 2000, online_cpus: 4 },
  precpu_stats: { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1000 },
  memory_stats: { usage: 3_145_728, limit: 1_073_741_824, stats: { inactive_file: 1_048_576 } },
  networks: { eth0: { rx_bytes: 1230, tx_bytes: 126 }, eth1: { rx_bytes: 1, tx_bytes: 2 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: 'Read', value: 5 },
      { op: 'write', value: 7 },
      { op: 'read', value: 10 },
    ],
  },
  pids_stats: { current: 2 },
};

test('what a container uses, as Docker counts it', () => {
  expect(measurementOf(measured)).toEqual({
    cpuPercent: 80,
    memory: 2_097_152,
    memoryLimit: 1_073_741_824,
    memoryPercent: 0.1953125,
    received: 1231,
    sent: 128,
    read: 15,
    written: 7,
    processes: 2,
  });
});

test('a container that does not run uses nothing', () => {
  const nothing = { cpu_usage: { total_usage: 0 } };
  const stopped = measurementOf({ read: '', cpu_stats: nothing, precpu_stats: nothing, memory_stats: {} });
  expect(Object.values(stopped)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

const id = 'f700bb7035c930023e11f0d5e5e85ed0a16c699171081a6714993c39ba1958b7';
const container = { id, name: 'p-web-1' };

test('the table and JSON have the form that Docker gives them', () => {
  const rows = [{ container, measurement: measurementOf(measured) }, { container }];
  expect(formatStats(rows, 'table', { whole: false })).toBe(
    `CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT   MEM %     NET I/O         BLOCK I/O   PIDS
f700bb7035c9   p-web-1   80.00%    2MiB / 1GiB         0.20%     1.23kB / 128B   15B / 7B    2
f700bb7035c9   p-web-1   --        -- / --             --        --              --          --
`,
  );
  expect(formatStats(rows.slice(0, 1), 'json', { whole: false })).toBe(
    `{"BlockIO":"15B / 7B","CPUPerc":"80.00%","Container":"${id}","ID":"f700bb7035c9","MemPerc":"0.20%","MemUsage":"2MiB / 1GiB","Name":"p-web-1","NetIO":"1.23kB / 128B","PIDs":"2"}\n`,
  );
  expect(formatStats(rows.slice(0, 1), '{{.ID}} {{.PIDs}}', { whole: true })).toBe(`${id} 2\n`);
});
