import { type Extract, extract } from 'tar-stream';
import { feed } from './feed.ts';

/** The entries of a tar, each of which has to be read or passed over before the next one comes. */
export function untar(content: AsyncIterable<Uint8Array>): Extract {
  const tar = extract();
  feed(tar, content).then(
    () => tar.end(undefined),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return tar;
}
