import type Docker from 'dockerode';
import { label } from '../model/labels.ts';
import type { Measurable, MeasurableRequest, Measurement } from '../model/streams.ts';
import { call, EngineRefusal, openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { readJsonLines } from './streams/ndjson.ts';

/** What of the engine's measurements is used; engines and platforms leave out parts of it. */
export interface Stats {
  readonly read: string;
  readonly cpu_stats: Cpu;
  readonly precpu_stats: Cpu;
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>;
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null;
  };
  readonly pids_stats?: { readonly current?: number };
}

interface Cpu {
  readonly cpu_usage: { readonly total_usage: number; readonly percpu_usage?: readonly number[] | null };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** See `EngineStreams.listMeasurable`. In the order of the engine, the newest first. */
export async function listMeasurable(
  engine: EngineHttp,
  { project, service, all }: MeasurableRequest,
  signal: AbortSignal,
): Promise<readonly Measurable[]> {
  const labels = [`${label.project}=${project}`];
  if (service !== undefined) labels.push(`${label.service}=${service}`);
  const query = { all: all ? '1' : '0', filters: JSON.stringify({ label: labels }) };
  const found = await call<Docker.ContainerInfo[]>(engine, 'GET', '/containers/json', { query, signal });
  return found.map(({ Id, Names }) => ({ id: Id, name: (Names[0] ?? '').replace(/^\//, '') }));
}

/** See `EngineStreams.measure`. */
export async function* measure(
  engine: EngineHttp,
  container: string,
  { once }: { readonly once: boolean },
  signal: AbortSignal,
): AsyncGenerator<Measurement> {
  const query = { stream: once ? '0' : '1' };
  try {
    const answer = await openStream(engine, 'GET', `/containers/${container}/stats`, { query, signal });
    for await (const stats of readJsonLines(answer)) yield measurementOf(stats as Stats);
  } catch (error) {
    // It was removed meanwhile.
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
  }
}

export function measurementOf(stats: Stats): Measurement {
  const memory = memoryOf(stats);
  const memoryLimit = stats.memory_stats?.limit ?? 0;
  const networks = Object.values(stats.networks ?? {});
  const blocks = stats.blkio_stats?.io_service_bytes_recursive ?? [];
  const moved = (operation: string): number =>
    sum(blocks.filter(({ op }) => op.toLowerCase() === operation).map(({ value }) => value));
  return {
    cpuPercent: cpuPercent(stats),
    memory,
    memoryLimit,
    memoryPercent: memoryLimit === 0 ? 0 : (memory / memoryLimit) * 100,
    received: sum(networks.map(({ rx_bytes }) => rx_bytes)),
    sent: sum(networks.map(({ tx_bytes }) => tx_bytes)),
    read: moved('read'),
    written: moved('write'),
    processes: stats.pids_stats?.current ?? 0,
  };
}

/** The share of one processor that was used between two measurements. */
function cpuPercent({ cpu_stats: now, precpu_stats: before }: Stats): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const processors = now.online_cpus || now.cpu_usage.percpu_usage?.length || 0;
  return used > 0 && passed > 0 ? (used / passed) * processors * 100 : 0;
}

/** Without what only caches files, which the kernel takes back when it needs it. */
function memoryOf({ memory_stats: { usage = 0, stats = {} } = {} }: Stats): number {
  for (const cache of [stats.total_inactive_file, stats.inactive_file])
    if (cache !== undefined && cache < usage) return usage - cache;
  return usage;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
