import { failure } from '../model/problem.ts';
import type { StringMap } from '../model/stack.ts';
import { addressOf, readUrl } from './address.ts';
import {
  type ChosenContext,
  configFolder,
  currentContext,
  readConfig,
  readContext,
  type Variables,
} from './contexts.ts';
import { type RegistryCredentials, registryCredentials } from './credentials.ts';
import { readHeaders } from './headers.ts';
import { proxyVariables } from './proxies.ts';
import { firstAnswering, usualSockets } from './sockets.ts';
import { type TlsMaterial, tlsOfFolder } from './tls.ts';

/** Where an engine is reached, and who says so, in words: `DOCKER_HOST`, `--context colima`, `default socket`. */
export interface Endpoint {
  readonly url: string;
  readonly from: string;
  /** How the connection is encrypted; absent: it is not. */
  readonly tls?: TlsMaterial;
  /** The version of the API that is spoken, whatever the engine has; absent: the newest that both know. */
  readonly apiVersion?: string;
  /** How long it has for an answer, in milliseconds; absent: as long as is usual. */
  readonly patience?: number;
  /** What is said to the engine with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the user is logged in to; absent: nothing. */
  readonly credentials?: RegistryCredentials;
  /** Variables for proxies that all its containers get, if they do not set them; absent: none. */
  readonly proxies?: StringMap;
}

/** The options of the docker CLI that say which engine is meant; each beats the variable for the same. */
export interface EngineOptions {
  readonly host?: string;
  readonly context?: string;
  readonly tls?: true;
  readonly tlsverify?: true;
  readonly tlscacert?: string;
  readonly tlscert?: string;
  readonly tlskey?: string;
}

/**
 * Finds the engine the way the docker CLI does (`--host`, `--context`, DOCKER_HOST, DOCKER_CONTEXT, the current context)
 * and, where none of these speaks, the first of the usual sockets behind which an engine answers.
 *
 * @throws ProblemsError with `invalid-option` for an address that is none, a context that does not exist, and
 * certificates that are missing.
 */
export async function resolveEndpoint(
  env: Variables,
  options: EngineOptions = {},
  sockets?: readonly Endpoint[],
): Promise<Endpoint> {
  const found =
    (await namedEndpoint(env, options)) ?? (await firstAnswering(sockets ?? (await usualSockets(env))));
  const config = readConfig(env);
  const headers = readHeaders(env.DOCKER_CUSTOM_HEADERS, config);
  return {
    ...found,
    ...(env.COMPOSE_HTTP_TIMEOUT ? { patience: readSeconds(env.COMPOSE_HTTP_TIMEOUT) * 1000 } : {}),
    ...(env.DOCKER_API_VERSION ? { apiVersion: readApiVersion(env.DOCKER_API_VERSION) } : {}),
    ...(headers === undefined ? {} : { headers }),
    credentials: userCredentials(env),
    proxies: proxyVariables(config, found.url),
  };
}

/** What the user is logged in to, as the configuration of the docker CLI has it. */
export function userCredentials(env: Variables): RegistryCredentials {
  return registryCredentials(() => readConfig(env), env);
}

/** The endpoint that someone has named; `undefined` if no one has, or the context "default" is meant: then it is looked for. */
async function namedEndpoint(env: Variables, options: EngineOptions): Promise<Endpoint | undefined> {
  if (options.host !== undefined) return hostEndpoint(options.host, '--host', env, options);
  const asked = options.context === undefined ? undefined : { name: options.context, said: '--context' };
  if (asked === undefined && env.DOCKER_HOST)
    return hostEndpoint(env.DOCKER_HOST, 'DOCKER_HOST', env, options);
  const context =
    asked ??
    (env.DOCKER_CONTEXT ? { name: env.DOCKER_CONTEXT, said: 'DOCKER_CONTEXT' } : currentContext(env));
  if (context === undefined || context.name === 'default') return undefined;
  return { ...(await readContext(context, env)), from: whoNamed(context) };
}

/** Whether the engine behind an endpoint sees the files of this machine, as far as its address tells. */
export function isOnThisMachine(endpoint: Endpoint): boolean {
  const { socketPath, host = '' } = addressOf(endpoint) ?? {};
  return socketPath !== undefined || isThisMachine(host);
}

/** Whether a host is this machine in any case. */
export function isThisMachine(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|::1)$/.test(host);
}

function whoNamed({ name, said }: ChosenContext): string {
  if (said.startsWith('--')) return `${said} ${name}`;
  return said === 'DOCKER_CONTEXT' ? `${said}=${name}` : `context ${name} of ${said}`;
}

async function hostEndpoint(
  host: string,
  said: string,
  env: Variables,
  options: EngineOptions,
): Promise<Endpoint> {
  const endpoint = { url: readUrl(host, said), from: said };
  const verify = options.tlsverify === true ? '--tlsverify' : env.DOCKER_TLS_VERIFY && 'DOCKER_TLS_VERIFY';
  const encrypt = options.tls === true ? '--tls' : env.DOCKER_TLS && 'DOCKER_TLS';
  const wished = verify || encrypt;
  const local = addressOf(endpoint)?.host === undefined;
  if (!wished || local) return endpoint;
  const { tlscacert: ca, tlscert: cert, tlskey: key } = options;
  const named = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  const folder = env.DOCKER_CERT_PATH || configFolder(env);
  return { ...endpoint, tls: await tlsOfFolder(folder, { said: wished, verify: Boolean(verify), named }) };
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds < longestTimer / 1000) return seconds;
  throw failure({
    code: 'invalid-option',
    message: `COMPOSE_HTTP_TIMEOUT is no number of seconds: ${text}`,
    hint: 'set it to how long the engine may take for an answer, or leave it out: 60',
  });
}

/** Milliseconds; a timer that is set to more rings at once. */
const longestTimer = 2 ** 31;

function readApiVersion(text: string): string {
  const [version] = /^\d+\.\d+$/.exec(text.replace(/^v/, '')) ?? [];
  if (version !== undefined) return version;
  throw failure({
    code: 'invalid-option',
    message: `DOCKER_API_VERSION is no version of the engine's API: ${text}`,
    hint: 'write it as 1.47, or leave it out: the newest that the engine knows is used then',
  });
}
