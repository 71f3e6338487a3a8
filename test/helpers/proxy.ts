import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';

export interface EngineProxy {
  /** `DOCKER_HOST` of whoever is to go through the proxy. */
  readonly host: string;
  /** From the first request that matches on, nothing gets through any more: the engine has gone. */
  cutAt(request: RegExp): void;
  /** The answer to the first request that matches never comes: the engine does it, and the connection breaks. */
  loseAnswer(request: RegExp): void;
  /** Nothing gets through from now on. */
  cut(): void;
  /** The engine is back. */
  restore(): void;
  /** What was asked for so far: `GET /path?query`. */
  requests(): readonly string[];
  close(): Promise<void>;
}

/** Stands between a client and the real engine, to be able to take the engine away at a chosen moment. */
export async function openEngineProxy(): Promise<EngineProxy> {
  const { url } = await resolveEndpoint(process.env);
  const upstream = url.startsWith('unix://')
    ? { path: url.slice('unix://'.length) }
    : { host: new URL(url).hostname, port: Number(new URL(url).port) };
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stack-test-'));
  const socket = path.join(folder, 'engine.sock');
  const open = new Set<Socket>();
  let moment: RegExp | undefined;
  let lost: RegExp | undefined;
  let gone = false;
  const requests: string[] = [];
  const cutNow = (): void => {
    gone = true;
    for (const end of open) end.destroy();
  };

  const server = createServer((client) => {
    if (gone) return client.destroy();
    const engine = connect(upstream);
    for (const end of [client, engine]) {
      open.add(end);
      end.on('close', () => open.delete(end));
      // Ends that break are what this is for.
      end.on('error', () => {});
    }
    client.on('data', (chunk) => {
      if (moment?.test(chunk.toString('latin1')) === true) return cutNow();
      for (const [, request = ''] of chunk.toString('latin1').matchAll(/^([A-Z]+ \S+) HTTP\/1\.1\r$/gm))
        requests.push(request);
      if (lost?.test(chunk.toString('latin1')) === true) {
        lost = undefined;
        engine.unpipe(client);
        engine.once('data', () => client.destroy());
        engine.resume();
      }
      engine.write(chunk);
      return undefined;
    });
    client.on('end', () => engine.end());
    engine.pipe(client);
    client.on('close', () => engine.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    cutAt(request) {
      moment = request;
    },
    loseAnswer(request) {
      lost = request;
    },
    cut: cutNow,
    requests: () => requests,
    restore() {
      moment = undefined;
      gone = false;
    },
    async close() {
      for (const end of open) end.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
