import http from 'node:http';

/** Asks an engine for JSON; rejects with the engine's own words if it refuses. */
export function engineRequest<T>(host: string, method: string, path: string): Promise<T> {
  const address = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port || 2375 };
  return new Promise((resolve, reject) => {
    const request = http.request({ ...address, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status >= 400) return reject(new Error(`${method} ${path}: ${status} ${text.trim()}`));
        resolve((text === '' ? undefined : JSON.parse(text)) as T);
      });
    });
    request.on('error', reject).end();
  });
}

/** A query string that asks a list call for the objects that carry a label. */
export function labelled(...labels: readonly string[]): string {
  return `filters=${encodeURIComponent(JSON.stringify({ label: labels }))}`;
}
