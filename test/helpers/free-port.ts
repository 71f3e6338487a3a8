import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of this machine that is free now, and that the system gives nobody who lets it choose: until it is used all others
 * do that on and on.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Below those that systems give out: Linux from 32768, macOS from 49152. */
const lowest = 20_000;
const count = 12_000;
