import { call, openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { readLogLines } from './streams/demux.ts';

export interface LogQuery {
  readonly container: string;
  readonly tty: boolean;
  readonly follow: boolean;
  readonly tail: number | 'all';
  readonly timestamps?: boolean;
  /** Seconds since 1970 with a fraction, or what the engine's API takes. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The output of one container, in batches as they arrive; ends with the container's output. */
export async function* readContainerLogs(
  engine: EngineHttp,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<{ stream: 'stdout' | 'stderr'; lines: string[] }> {
  const stream = await openStream(engine, 'GET', `/containers/${query.container}/logs`, {
    signal,
    query: {
      stdout: '1',
      stderr: '1',
      follow: query.follow ? '1' : '0',
      tail: String(query.tail),
      timestamps: query.timestamps === true ? '1' : '0',
      since: query.since,
      until: query.until,
    },
  });
  yield* readLogLines(stream, query.tty);
}

/** The last lines a container wrote, both streams, to tell why it ended; empty if its log cannot be read. */
export async function lastLines(
  engine: EngineHttp,
  container: string,
  count: number,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const info = await call<{ Config: { Tty: boolean } }>(engine, 'GET', `/containers/${container}/json`, {
      signal,
    });
    const lines: string[] = [];
    const query = { container, tty: info.Config.Tty, follow: false, tail: count } as const;
    for await (const batch of readContainerLogs(engine, query, signal)) lines.push(...batch.lines);
    return lines.slice(-count);
  } catch {
    return [];
  }
}
