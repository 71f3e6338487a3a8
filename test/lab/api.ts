import http from 'node:http';

export interface EngineRequestOptions {
  /** Sent as JSON, or as it is: a tar archive. */
  readonly body?: unknown;
  /** Keeps connections for the requests that follow; absent: a connection for this one alone. */
  readonly agent?: http.Agent;
}

/** Asks an engine for JSON; rejects with the engine's own words if it refuses. */
export async function engineRequest<T>(
  host: string,
  method: string,
  path: string,
  options: EngineRequestOptions = {},
): Promise<T> {
  const text = await textOf(await engineStream(host, method, path, options));
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Asks an engine for something that comes bit by bit; rejects with the engine's own words if it refuses. */
export function engineStream(
  host: string,
  method: string,
  path: string,
  { body, agent }: EngineRequestOptions = {},
): Promise<http.IncomingMessage> {
  const address = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port || 2375 };
  const [type, data] = Buffer.isBuffer(body)
    ? ['application/x-tar', body]
    : ['application/json', body === undefined ? undefined : JSON.stringify(body)];
  const headers =
    data === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(data) };
  return new Promise((resolve, reject) => {
    const request = http.request({ ...address, method, path, agent: agent ?? false, headers }, (response) => {
      const { statusCode: status = 0 } = response;
      if (status < 400) resolve(response);
      else
        textOf(response).then(
          (text) => reject(new Error(`${method} ${path}: ${status} ${text.trim()}`)),
          reject,
        );
    });
    request.on('error', reject).end(data);
  });
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  return text;
}

/** A query string that asks a list call for the objects that carry a label. */
export function labelled(...labels: readonly string[]): string {
  return `filters=${encodeURIComponent(JSON.stringify({ label: labels }))}`;
}
