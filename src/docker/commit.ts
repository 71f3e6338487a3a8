import type { CommitRequest } from '../model/streams.ts';
import { call } from './api.ts';
import type { EngineHttp } from './http.ts';

/** See `EngineStreams.commit`. */
export async function commit(
  engine: EngineHttp,
  request: CommitRequest,
  signal: AbortSignal,
): Promise<string> {
  const { container, image, author, message, pause, changes } = request;
  const [, repo = '', tag = ''] = /^(.*?)(?::([^/:]*))?$/.exec(image) ?? [];
  const query = {
    container,
    repo,
    tag: tag === '' && repo !== '' ? 'latest' : tag,
    author,
    comment: message,
    pause: pause ? '1' : '0',
    changes,
  };
  const { Id } = await call<{ Id: string }>(engine, 'POST', '/commit', { query, body: {}, signal });
  return Id;
}
