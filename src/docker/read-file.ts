import { buffer } from 'node:stream/consumers';
import { EngineRefusal, openStream } from './api.ts';
import type { EngineHttp } from './http.ts';
import { untar } from './streams/untar.ts';

/** What a file of a container says; undefined if there is no such file, or no container any more. */
export async function readFile(
  engine: EngineHttp,
  container: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const options = { query: { path }, signal };
    const tar = await openStream(engine, 'GET', `/containers/${container}/archive`, options);
    for await (const entry of untar(tar)) {
      // With all its bytes: `text` of a stream would leave out a mark of the byte order.
      return entry.header.type === 'file' ? (await buffer(entry)).toString('utf8') : undefined;
    }
    return undefined;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}
