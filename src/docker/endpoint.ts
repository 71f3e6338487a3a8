import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';

/** Where an engine is reached, and in words why there: "DOCKER_HOST", "context colima", "default socket". */
export interface Endpoint {
  readonly url: string;
  readonly from: string;
}

/** Environment variables; nothing else of the process or the machine's user is asked. */
export type EndpointEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Finds the engine the way the docker CLI does (DOCKER_HOST, DOCKER_CONTEXT, the current context) and, where none of
 * these speaks, the first of the usual sockets behind which an engine answers: a file alone proves nothing, Docker
 * Desktop and Colima leave theirs behind when they quit. If none answers it is the default socket, so that the
 * caller's failure to connect names that.
 *
 * @throws Error if a context is named that does not exist.
 */
export async function resolveEndpoint(
  env: EndpointEnvironment,
  sockets: readonly Endpoint[] = usualSockets(env),
): Promise<Endpoint> {
  if (env.DOCKER_HOST) return { url: env.DOCKER_HOST, from: 'DOCKER_HOST' };
  const context = await contextInUse(env);
  if (context !== undefined) return contextEndpoint(context, env);
  return (await firstAnswering(sockets)) ?? sockets[0] ?? defaultSocket;
}

/** Whether an engine answers at a unix:// or tcp:// endpoint within the time given. Never throws. */
export async function pingEndpoint(endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  const address = addressOf(endpoint.url);
  if (address === undefined) return false;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const request = http.get({ ...address, path: '/_ping', agent: false, signal }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}

/** All are asked at once; the first of the list that answers is known as soon as those before it have failed. */
async function firstAnswering(sockets: readonly Endpoint[]): Promise<Endpoint | undefined> {
  const asked = sockets.map((socket) => ({ socket, answers: pingEndpoint(socket, 2000) }));
  for (const { socket, answers } of asked) if (await answers) return socket;
  return undefined;
}

const defaultSocket: Endpoint = { url: 'unix:///var/run/docker.sock', from: 'default socket' };

/** The places where engines put their socket, the likeliest first. */
export function usualSockets(env: EndpointEnvironment): Endpoint[] {
  const under = (folder: string | undefined, path: string, from: string): Endpoint[] =>
    folder ? [{ url: `unix://${join(folder, path)}`, from }] : [];
  const home = env.HOME;
  const runtime = env.XDG_RUNTIME_DIR;
  return [
    defaultSocket,
    ...under(home, '.docker/run/docker.sock', 'Docker Desktop'),
    ...under(home, '.docker/desktop/docker.sock', 'Docker Desktop'),
    ...under(home, '.orbstack/run/docker.sock', 'OrbStack'),
    ...under(home, '.colima/default/docker.sock', 'Colima'),
    ...under(home, '.rd/docker.sock', 'Rancher Desktop'),
    ...under(runtime, 'docker.sock', 'rootless Docker'),
    ...under(runtime, 'podman/podman.sock', 'rootless Podman'),
    { url: 'unix:///run/podman/podman.sock', from: 'Podman' },
  ];
}

/** The context chosen by variable or configuration; undefined for "default", which means the sockets. */
async function contextInUse(env: EndpointEnvironment): Promise<string | undefined> {
  const name = env.DOCKER_CONTEXT || (await currentContext(env));
  return name === 'default' ? undefined : name;
}

async function currentContext(env: EndpointEnvironment): Promise<string | undefined> {
  const config = (await readJson(join(configFolder(env), 'config.json'))) as
    | { currentContext?: unknown }
    | undefined;
  return typeof config?.currentContext === 'string' && config.currentContext !== ''
    ? config.currentContext
    : undefined;
}

async function contextEndpoint(name: string, env: EndpointEnvironment): Promise<Endpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(configFolder(env), 'contexts', 'meta', id, 'meta.json');
  const meta = (await readJson(file)) as { Endpoints?: { docker?: { Host?: unknown } } } | undefined;
  const said = env.DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : join(configFolder(env), 'config.json');
  if (meta === undefined) throw new Error(`The Docker context "${name}", named by ${said}, does not exist.`);
  const host = meta.Endpoints?.docker?.Host;
  if (typeof host !== 'string' || host === '') {
    throw new Error(`The Docker context "${name}", named by ${said}, has no Docker endpoint (${file}).`);
  }
  return { url: host, from: `context ${name}` };
}

function configFolder(env: EndpointEnvironment): string {
  return env.DOCKER_CONFIG || join(env.HOME ?? '', '.docker');
}

/** What is missing or no JSON counts as not said, as it does for the docker CLI. */
async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}

function addressOf(url: string): http.RequestOptions | undefined {
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) };
  if (!/^(tcp|http):\/\//.test(url) || !URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url.replace(/^http:/, 'tcp:')); // else an explicit port 80 would read as none
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port || 2375 };
}
