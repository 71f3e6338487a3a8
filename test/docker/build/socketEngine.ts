import http from 'node:http';
import type { EngineHttp } from '../../../src/docker/http.ts';

/** An engine on a local socket, by nothing but Node's own client. */
export function socketEngine(socketPath: string): EngineHttp {
  return {
    request: ({ method, path, query = {}, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        const parameters = new URLSearchParams();
        for (const [name, value] of Object.entries(query))
          if (value !== undefined) parameters.append(name, value);
        const request = http.request(
          { socketPath, method, path: `${path}?${parameters}`, headers: { ...headers }, signal },
          (response) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response }),
        );
        request.on('error', reject);
        if (body === undefined || Buffer.isBuffer(body)) request.end(body);
        else {
          body.on('error', (error: Error) => request.destroy(error));
          body.pipe(request);
        }
      }),
  };
}
