import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../helpers/free-port.ts';
import { daemonPid, startDaemon, stopDaemon } from './daemon.ts';
import { debianSuite, unpackedPackages } from './packages.ts';
import { cache, runtime } from './places.ts';

const config = join(runtime, 'registry.json');

/** Where the registry's images are kept. */
export const registryData = join(cache, 'registry');

/** Starts the stand-in for Docker Hub on a free port of the loopback interface and returns its `host:port`. */
export async function startRegistry(): Promise<string> {
  const folder = await unpackedPackages('registry', [`docker-registry/${await debianSuite()}`]);
  const address = `127.0.0.1:${await freePort()}`;
  await mkdir(registryData, { recursive: true });
  const settings = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: registryData } },
    http: { addr: address },
  };
  await writeFile(config, JSON.stringify(settings)); // read as YAML, which JSON is
  await startDaemon(
    {
      command: join(folder, 'usr/bin/docker-registry'),
      args: ['serve', config],
      config,
      log: join(cache, 'registry.log'),
      env: { OTEL_TRACES_EXPORTER: 'none' },
    },
    () =>
      fetch(`http://${address}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      ),
  );
  return address;
}

export async function stopRegistry(): Promise<void> {
  await stopDaemon(config);
  await rm(config, { force: true });
}

/** The registry that the engine was started with, if it needs one, and whether that is running. */
export async function knownRegistry(): Promise<{ address: string; running: boolean } | undefined> {
  const text = await readFile(config, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { http } = JSON.parse(text) as { http: { addr: string } };
  return { address: http.addr, running: daemonPid(config) !== undefined };
}

/** Whether the real one can be reached, so that no stand-in is needed. */
export async function dockerHubAnswers(): Promise<boolean> {
  try {
    const { status } = await fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(5000) });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}
