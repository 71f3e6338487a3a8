import http from 'node:http';
import Docker from 'dockerode';
import type { Endpoint } from './endpoint.ts';
import type { EngineHttp } from './http.ts';

/**
 * The engine at an endpoint, over dockerode's connection layer with kept-alive connections. Nothing is sent yet.
 *
 * Only the layer below dockerode's methods is used: the methods put whole bodies into the query string, report some
 * failures as success and offer no way to see an answer's status.
 */
export function connectEngine(endpoint: Endpoint): EngineHttp {
  const { modem } = new Docker({
    ...connectionOptions(endpoint.url),
    agent: keptAlive(endpoint.url),
  } as Docker.DockerOptions);
  return {
    request: ({ method, path, query, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        modem.dial(
          {
            // The layer drops the last character of a path that has a query; it is given one to drop.
            path: `${path}?${queryString(query)}&`,
            method,
            headers: { ...headers },
            ...(body === undefined ? {} : { file: body }),
            abortSignal: signal,
            isStream: true,
            statusCodes: anyStatus,
          },
          (error: Error | null, answer: unknown) => {
            if (error !== null && error !== undefined) return reject(error);
            const response = answer as http.IncomingMessage;
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
          },
        );
      }),
  };
}

/** Every status counts as an answer: what it means is decided by who asked. */
const anyStatus: Readonly<Record<string, boolean>> = new Proxy({}, { get: () => true });

function queryString(query: Readonly<Record<string, string | undefined>> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.append(name, value);
  return parameters.toString();
}

/** `host: undefined` is meant: it keeps dockerode from taking another engine's address out of the environment. */
function connectionOptions(url: string): Docker.DockerOptions {
  if (url.startsWith('unix://'))
    return { socketPath: url.slice('unix://'.length), host: undefined } as object;
  if (url.startsWith('npipe://'))
    return { socketPath: url.slice('npipe://'.length), host: undefined } as object;
  const { protocol, hostname, port, username } = new URL(url);
  if (protocol === 'ssh:') return { protocol: 'ssh', host: hostname, port: port || 22, username } as object;
  // For TLS the certificates come from DOCKER_CERT_PATH, which dockerode reads itself.
  return {
    host: hostname,
    port: port || 2375,
    ...(protocol === 'https:' ? { protocol: 'https' as const } : {}),
  };
}

function keptAlive(url: string): http.Agent | undefined {
  return /^(unix|npipe|tcp|http):/.test(url) ? new http.Agent({ keepAlive: true }) : undefined;
}
