import { text } from 'node:stream/consumers';
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
    const archive = await openStream(engine, 'GET', `/containers/${container}/archive`, options);
    for await (const entry of untar(archive))
      return entry.header.type === 'file' ? await text(entry) : undefined;
    return undefined;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}
