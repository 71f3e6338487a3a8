import http from 'node:http';
import https from 'node:https';
import { addAbortSignal, type Duplex, type Readable } from 'node:stream';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import { isOlder } from '../model/versions.ts';
import { addressOf } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import { noteEngine } from './heard.ts';
import {
  type EngineAnswer,
  type EngineConnection,
  type EngineHttp,
  type EngineRequest,
  queryString,
} from './http.ts';
import { askLong, canBeLong } from './long-answer.ts';
import { sshAgent } from './ssh.ts';
import { EngineSilent, EngineTooOld } from './unreachable.ts';
import { within } from './within.ts';

/** How long an engine has for an answer, in milliseconds, where the user has not said otherwise. */
const usualPatience = 60_000;

/**
 * The engine at an endpoint, over dockerode's connection layer with kept-alive connections. Nothing is sent yet.
 *
 * Only the layer below dockerode's methods is used: the methods put whole bodies into the query string, report some
 * failures as success and offer no way to see an answer's status.
 */
export function connectEngine(
  endpoint: Endpoint,
  patience = endpoint.patience ?? usualPatience,
): EngineConnection {
  const address = addressOf(endpoint);
  const { modem } = withoutDockerHost(() => new Docker(connectionOptions(endpoint)));
  const withHeaders = (request: EngineRequest): EngineRequest =>
    endpoint.headers === undefined
      ? request
      : { ...request, headers: { ...endpoint.headers, ...request.headers } };
  const { versioned, ...spoken } = inKnownVersion(
    limited((given) => {
      const request = withHeaders(given);
      const isLong = request.long === true && canBeLong(address, request);
      return isLong ? askLong(address, request) : exchange(modem, request);
    }, patience / 4),
    endpoint.apiVersion,
  );
  return {
    ...spoken,
    patience,
    upgrade: (request) =>
      within(patience, `${request.method} ${request.path}`, request.signal, async (signal) =>
        upgrade(modem, withHeaders(await versioned({ ...request, signal }))),
      ),
    ...hostOf(endpoint),
    ...(endpoint.credentials === undefined ? {} : { credentials: endpoint.credentials }),
    ...(endpoint.proxies === undefined ? {} : { proxies: endpoint.proxies }),
  };
}

function hostOf(endpoint: Endpoint): { readonly host?: string } {
  const { socketPath, host } = addressOf(endpoint) ?? {};
  if (socketPath !== undefined) return { host: '127.0.0.1' };
  return host === undefined ? {} : { host };
}

async function exchange(
  modem: Docker['modem'],
  request: EngineRequest,
): Promise<EngineAnswer & { readonly body: Readable }> {
  return answerOf((await dial(modem, request)) as http.IncomingMessage);
}

async function upgrade(modem: Docker['modem'], request: EngineRequest): Promise<Duplex | EngineAnswer> {
  // Without a body the layer would announce one of unknown length and send its end, which the engine, by then, takes
  // for what the user typed.
  const got = await dial(modem, { ...request, body: request.body ?? Buffer.alloc(0) }, { hijack: true });
  if (got instanceof http.IncomingMessage) return answerOf(got);
  return addAbortSignal(request.signal, got);
}

function answerOf(response: http.IncomingMessage) {
  return { status: response.statusCode ?? 0, headers: response.headers, body: response };
}

function dial(
  modem: Docker['modem'],
  { method, path, query, headers, body, signal }: EngineRequest,
  more: { readonly hijack?: true } = {},
): Promise<http.IncomingMessage | Duplex> {
  return new Promise((resolve, reject) => {
    const request = {
      // The layer drops the last character of a path that has a query; it is given one to drop.
      path: `${path}?${queryString(query)}&`,
      method,
      headers: concealed(headers),
      ...(body === undefined ? {} : { file: body }),
      abortSignal: signal,
      isStream: true,
      statusCodes: anyStatus,
      ...more,
    };
    withoutDeprecations(() =>
      modem.dial(request, (error: Error | null, got: unknown) => {
        if (error !== null && error !== undefined) reject(error);
        else resolve(got as http.IncomingMessage | Duplex);
      }),
    );
  });
}

/** Every status counts as an answer: what it means is decided by who asked. */
const anyStatus: Readonly<Record<string, boolean>> = new Proxy({}, { get: () => true });

/** With DEBUG in the environment the layer prints the headers it is given; credentials must not be among them. */
function concealed(headers: EngineRequest['headers'] = {}): Record<string, string> {
  const conceal = (value: string): object => ({
    toString: () => value,
    [inspect.custom]: () => '[concealed]',
  });
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    typeof value === 'string' && !/^(?:Content-Type|Upgrade)$/.test(name) ? conceal(value) : value,
  ]);
  return Object.fromEntries(shown);
}

/** Kept alive; one that is not read from takes nothing in: what comes waits with the sender. */
const connections = { keepAlive: true, readableHighWaterMark: 1 };

/** What is not encrypted has no server name: said here, Node.js need not find out whether the host is one, which takes longer. */
const unencrypted = { ...connections, servername: '' };

/** Protocol and agent are always said: certificates are the agent's, so that no other request can come by them. */
function connectionOptions(endpoint: Endpoint): Docker.DockerOptions {
  const address = addressOf(endpoint);
  if (address === undefined) {
    // Behind the connections is a socket; an HTTP request has to name a host all the same.
    return {
      protocol: 'http',
      host: 'localhost',
      agent: closed(sshAgent(endpoint.url)),
    } as Docker.DockerOptions;
  }
  const agent =
    address.protocol === 'https'
      ? new https.Agent({ ...connections, ...endpoint.tls })
      : new http.Agent(unencrypted);
  return { ...address, agent: closed(agent) } as Docker.DockerOptions;
}

/**
 * The layer describes with every request all that it gets, for a log that hardly anyone reads: of an agent that would be
 * all its connections with what they carry, which takes longer than all other work.
 */
function closed(agent: http.Agent): http.Agent {
  return Object.defineProperty(agent, inspect.custom, { value: () => '[agent]' });
}

/**
 * dockerode takes address, protocol and certificates that it is not told from the environment, and breaks down over
 * an address or certificates there that are not meant for it. Where `DOCKER_HOST` is not set, it does not look.
 */
function withoutDockerHost<T>(make: () => T): T {
  const host = process.env.DOCKER_HOST;
  delete process.env.DOCKER_HOST;
  try {
    return make();
  } finally {
    if (host !== undefined) process.env.DOCKER_HOST = host;
  }
}

/** The layer parses the engine's address in a way of which Node warns the user, who can do nothing about it. */
function withoutDeprecations(dial: () => void): void {
  const before = process.noDeprecation;
  process.noDeprecation = true;
  try {
    dial();
  } finally {
    process.noDeprecation = before ?? false;
  }
}

type Send = (request: EngineRequest) => Promise<EngineAnswer & { readonly body: Readable }>;

/**
 * Gives up on an engine that accepts connections and says nothing: when an answer does not come within so many
 * milliseconds, nor, within as many again, one to whether it is there. One that is only slow says that it is.
 */
function limited(send: Send, milliseconds: number): Send {
  const isThere = async (): Promise<boolean> => {
    const ping = { method: 'GET', path: '/_ping', signal: AbortSignal.timeout(milliseconds) };
    try {
      (await send(ping)).body.resume();
      return true;
    } catch {
      return false; // whatever the reason
    }
  };
  return async (request) => {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const watch = (): void => {
      timer = setTimeout(async () => {
        const isSilent = !(await isThere());
        if (timer === undefined) return;
        if (isSilent) late.abort();
        else watch();
      }, milliseconds);
    };
    watch();
    try {
      return await send({ ...request, signal: AbortSignal.any([request.signal, late.signal]) });
    } catch (error) {
      throw late.signal.aborted ? new EngineSilent((2 * milliseconds) / 1000) : error;
    } finally {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}

/** The newest version of the API whose answers are known here, and the oldest that is spoken: that of Docker 19.03. */
const newestKnown = '1.51';
const oldestKnown = '1.40';

/**
 * Makes an engine that is newer than what is known here answer as the newest version that is. Every answer tells the
 * engine's version, so that is learnt without a question: asking first would delay every command. Until it is
 * known a GET is sent as it is, and once more if the engine turns out to be newer; what may change something is sent
 * once, and only then asked before. A version that the user has chosen is spoken without asking.
 */
function inKnownVersion(
  send: Send,
  chosen: string | undefined,
): Pick<EngineHttp, 'request' | 'apiVersion'> & {
  /** A request that is not to be sent twice, as it has to be sent. */
  versioned(request: EngineRequest): Promise<EngineRequest>;
} {
  const inVersion = (version: string, request: EngineRequest) => ({
    ...request,
    path: `/v${version}${request.path}`,
  });
  let heard = false;
  let version: string | undefined;
  const sendAndLearn: Send = async (request) => {
    const answer = await send(request);
    heard = true;
    noteEngine(answer.headers);
    const told = answer.headers['api-version'];
    if (typeof told === 'string' && /^\d+\.\d+$/.test(told)) version = told;
    if (version !== undefined && isOlder(version, oldestKnown)) {
      answer.body.destroy();
      throw new EngineTooOld(version, oldestKnown);
    }
    return answer;
  };
  const ask = async (signal: AbortSignal): Promise<void> => {
    const answer = await sendAndLearn({ method: 'GET', path: '/_ping', signal });
    answer.body.resume();
  };
  const isNewer = (): boolean => version !== undefined && isOlder(newestKnown, version);
  const inKnown = (request: EngineRequest) => inVersion(newestKnown, request);
  if (chosen !== undefined)
    return {
      request: async (request) => {
        if (!heard && request.method !== 'GET') await ask(request.signal);
        return sendAndLearn(inVersion(chosen, request));
      },
      versioned: async (request) => inVersion(chosen, request),
      apiVersion: async () => chosen,
    };

  return {
    async request(request) {
      const repeatable = request.method === 'GET';
      if (!heard && !repeatable) await ask(request.signal);
      if (isNewer()) return sendAndLearn(inKnown(request));
      const answer = await sendAndLearn(request);
      if (!isNewer() || !repeatable) return answer;
      answer.body.destroy();
      return sendAndLearn(inKnown(request));
    },
    async versioned(request) {
      if (!heard) await ask(request.signal);
      return isNewer() ? inKnown(request) : request;
    },
    async apiVersion(signal) {
      if (!heard) await ask(signal);
      return isNewer() ? newestKnown : version;
    },
  };
}
