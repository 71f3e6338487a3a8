import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { nearest } from '../model/nearest.ts';
import { failure } from '../model/problem.ts';
import type { StringMap } from '../model/stack.ts';
import { type RegistryCredentials, registryCredentials } from './credentials.ts';
import { proxyVariables } from './proxies.ts';
import { type TlsMaterial, tlsOfContext, tlsOfFolder } from './tls.ts';

/** Where an engine is reached, and in words why there: "DOCKER_HOST", "context colima", "default socket". */
export interface Endpoint {
  readonly url: string;
  readonly from: string;
  /** How the connection is encrypted; absent: it is not. */
  readonly tls?: TlsMaterial;
  /** What the user is logged in to; absent: nothing. */
  readonly credentials?: RegistryCredentials;
  /** Variables for proxies that all its containers get, if they do not set them; absent: none. */
  readonly proxies?: () => Promise<StringMap>;
}

/** Environment variables; nothing else of the process or the machine's user is asked. */
export type EndpointEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Finds the engine the way the docker CLI does (DOCKER_HOST, DOCKER_CONTEXT, the current context) and, where none of
 * these speaks, the first of the usual sockets behind which an engine answers: a file alone proves nothing, Docker
 * Desktop and Colima leave theirs behind when they quit. If none answers it is the default socket, so that the
 * caller's failure to connect names that.
 *
 * @throws ProblemsError with `invalid-option` for an address that is none, a context that does not exist, and
 * certificates that are missing.
 */
export async function resolveEndpoint(
  env: EndpointEnvironment,
  sockets: readonly Endpoint[] = usualSockets(env),
): Promise<Endpoint> {
  const endpoint = await findEndpoint(env, sockets);
  return {
    ...endpoint,
    credentials: userCredentials(env),
    proxies: async () => proxyVariables(await readConfig(env), endpoint.url),
  };
}

async function findEndpoint(env: EndpointEnvironment, sockets: readonly Endpoint[]): Promise<Endpoint> {
  if (env.DOCKER_HOST) return hostEndpoint(env.DOCKER_HOST, env);
  const context = await contextInUse(env);
  if (context !== undefined) return contextEndpoint(context, env);
  return (await firstAnswering(sockets)) ?? sockets[0] ?? defaultSocket;
}

/** What the user is logged in to, as the configuration of the docker CLI has it. */
export function userCredentials(env: EndpointEnvironment): RegistryCredentials {
  return registryCredentials(() => readConfig(env), env);
}

/** Whether an engine answers at an endpoint within the time given; one behind ssh:// is not asked. Never throws. */
export async function pingEndpoint(endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  const address = addressOf(endpoint);
  if (address === undefined) return false;
  const { protocol, ...place } = address;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { ...place, ...endpoint.tls, path: '/_ping', agent: false, signal };
    const request = (protocol === 'https' ? https : http).get(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}

/** What a connection is made to: a socket, or a host and its port. */
export interface Address {
  readonly protocol: 'http' | 'https';
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}

/** Where an endpoint is; `undefined` for one that is not connected to directly (ssh://), or no address at all. */
export function addressOf({ url, tls }: Endpoint): Address | undefined {
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(url)?.[1];
  if (socketPath !== undefined) return { protocol: 'http', socketPath };
  const [, scheme, rest] = /^(tcp|https?):\/\/(.+)$/.exec(url) ?? [];
  if (rest === undefined || !URL.canParse(`tcp://${rest}`)) return undefined;
  const { hostname, port, pathname } = new URL(`tcp://${rest}`); // for http:// it would leave out the port 80
  if (hostname === '' || !['', '/'].includes(pathname)) return undefined;
  const encrypted = tls !== undefined || scheme === 'https';
  return {
    protocol: encrypted ? 'https' : 'http',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (encrypted ? 2376 : 2375) : Number(port),
  };
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

async function hostEndpoint(host: string, env: EndpointEnvironment): Promise<Endpoint> {
  const endpoint = { url: urlOf(host, 'DOCKER_HOST'), from: 'DOCKER_HOST' };
  const local = addressOf(endpoint)?.host === undefined;
  if (!env.DOCKER_TLS_VERIFY || local) return endpoint;
  return { ...endpoint, tls: await tlsOfFolder(env.DOCKER_CERT_PATH || configFolder(env)) };
}

/** The context chosen by variable or configuration; undefined for "default", which means the sockets. */
async function contextInUse(env: EndpointEnvironment): Promise<string | undefined> {
  const name = env.DOCKER_CONTEXT || (await currentContext(env));
  return name === 'default' ? undefined : name;
}

async function currentContext(env: EndpointEnvironment): Promise<string | undefined> {
  const config = (await readConfig(env)) as { currentContext?: unknown } | undefined;
  return typeof config?.currentContext === 'string' && config.currentContext !== ''
    ? config.currentContext
    : undefined;
}

interface ContextMeta {
  readonly Name?: unknown;
  readonly Endpoints?: { readonly docker?: { readonly Host?: unknown; readonly SkipTLSVerify?: unknown } };
}

async function contextEndpoint(name: string, env: EndpointEnvironment): Promise<Endpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = join(configFolder(env), 'contexts');
  const file = join(contexts, 'meta', id, 'meta.json');
  const meta = (await readJson(file)) as ContextMeta | undefined;
  const said = env.DOCKER_CONTEXT ? 'DOCKER_CONTEXT' : join(configFolder(env), 'config.json');
  if (meta === undefined) {
    const known = ['default', ...(await contextNames(join(contexts, 'meta')))];
    const near = nearest(name, known);
    throw failure({
      code: 'invalid-option',
      message: `the Docker context ${name}, named by ${said}, does not exist`,
      hint: near === undefined ? `the contexts are ${known.join(', ')}` : `did you mean ${near}?`,
    });
  }
  const { Host, SkipTLSVerify } = meta.Endpoints?.docker ?? {};
  if (typeof Host !== 'string' || Host === '') {
    throw failure({
      code: 'invalid-option',
      message: `the Docker context ${name}, named by ${said}, has no Docker endpoint`,
      hint: `use another context, or correct ${file}`,
    });
  }
  const tls = await tlsOfContext(name, join(contexts, 'tls', id, 'docker'), SkipTLSVerify === true);
  const url = urlOf(Host, `the Docker context ${name}`);
  return { url, from: `context ${name}`, ...(tls === undefined ? {} : { tls }) };
}

async function contextNames(folder: string): Promise<string[]> {
  const ids = await readdir(folder).catch(() => []);
  const metas = await Promise.all(ids.map((id) => readJson(join(folder, id, 'meta.json'))));
  return metas
    .map((meta) => (meta as ContextMeta | undefined)?.Name)
    .filter((name) => typeof name === 'string')
    .sort();
}

/** An address as it was written, checked; without a scheme it is a TCP address, as for the docker CLI. */
function urlOf(text: string, said: string): string {
  const url = text.includes('://') ? text : `tcp://${text}`;
  if (url === 'unix://') return defaultSocket.url;
  if (isUsable(url)) return url;
  const meant = guess(text);
  throw failure({
    code: 'invalid-option',
    message: `${said} is no address of a Docker Engine: ${text}`,
    hint:
      meant === undefined
        ? 'write it as unix:///path/to/docker.sock, tcp://host:2375 or ssh://user@host'
        : `did you mean ${meant}?`,
  });
}

function isUsable(url: string): boolean {
  if (addressOf({ url, from: '' }) !== undefined) return true;
  return url.startsWith('ssh://') && URL.canParse(url) && new URL(url).hostname !== '';
}

/** What is meant by an address whose scheme is misspelt, or has lost its colon or its slashes. */
function guess(text: string): string | undefined {
  if (text.startsWith('/')) return `unix://${text}`;
  const [, word = '', rest = ''] = /^([a-z]+)(?::\/*|\/+)(.+)$/i.exec(text) ?? [];
  const scheme = nearest(word, ['unix', 'tcp', 'ssh', 'npipe', 'http', 'https']);
  const url = `${scheme}://${scheme === 'unix' ? '/' : ''}${rest}`;
  return scheme !== undefined && url !== text && isUsable(url) ? url : undefined;
}

/** Without a home it is a folder that no one has, rather than one of the folder that happens to be the current one. */
function configFolder(env: EndpointEnvironment): string {
  return env.DOCKER_CONFIG || join(env.HOME || env.USERPROFILE || '/', '.docker');
}

function readConfig(env: EndpointEnvironment): Promise<unknown> {
  return readJson(join(configFolder(env), 'config.json'));
}

/** What is missing or no JSON counts as not said, as it does for the docker CLI. */
async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}
