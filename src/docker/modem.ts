import http from 'node:http';
import https from 'node:https';
import { addAbortSignal, type Duplex, type Readable } from 'node:stream';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import { addressOf } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import { type EngineAnswer, type EngineConnection, type EngineRequest, queryString } from './http.ts';
import { sshAgent } from './ssh.ts';

/** dockerode's connection layer with kept-alive connections. */
export interface Modem extends Pick<EngineConnection, 'upgrade'> {
  request(request: EngineRequest): Promise<EngineAnswer & { readonly body: Readable }>;
}

/**
 * Opens dockerode's connection layer to an endpoint. Nothing is sent yet.
 *
 * Only the layer below dockerode's methods is used: the methods put whole bodies into the query string, report some
 * failures as success and offer no way to see an answer's status.
 */
export function openModem(endpoint: Endpoint): Modem {
  const { modem } = withoutDockerHost(() => new Docker(connectionOptions(endpoint)));
  return {
    request: async (request) => answerOf((await dial(modem, request)) as http.IncomingMessage),
    upgrade: (request) => upgrade(modem, request),
  };
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
