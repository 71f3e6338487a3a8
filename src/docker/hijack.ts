import type { Duplex } from 'node:stream';
import { type CallOptions, readRefusal } from './api.ts';
import type { EngineConnection } from './http.ts';

/**
 * A connection with a process, which carries bytes both ways. Its end can be closed alone: the process then reads the
 * end of its input and can go on writing. Throws `EngineRefusal`, `EngineSilent`, or the connection's own error.
 */
export async function hijack(
  engine: EngineConnection,
  path: string,
  { query, body, signal }: Pick<CallOptions, 'query' | 'body' | 'signal'>,
): Promise<Duplex> {
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const answer = await engine.upgrade({
    method: 'POST',
    path,
    signal,
    ...(query === undefined ? {} : { query }),
    ...(json === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: json }),
  });
  if ('status' in answer) throw await readRefusal(answer);
  return answer;
}
