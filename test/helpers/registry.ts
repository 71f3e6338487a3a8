import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is asked of a registry that is not like all others. */
export interface RegistryOptions {
  /** What has to be shown: a password, or a token of a service that wants the password. */
  readonly wants?: 'password' | 'token';
  /** Knows nothing of the type of an artifact, as registries before OCI 1.1. */
  readonly isOld?: boolean;
}

export interface TestRegistry {
  readonly address: string;
  /** `METHOD /path` of all requests, in order. */
  readonly asked: readonly string[];
  /** The bodies that the token service was sent, and the queries. */
  readonly tokensAsked: readonly string[];
  /** What there is, by path: `team/shop/manifests/1`, `team/shop/blobs/sha256:…`. */
  readonly kept: Map<string, { readonly type: string; readonly content: Buffer }>;
  stop(): Promise<void>;
}

export const user = { username: 'me', password: 'pass:word' };
const basic = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;

/**
 * A registry on a port of this machine that keeps everything in memory: the part of the OCI distribution protocol that
 * projects and images need, and the logins that real registries want and a local one does not.
 */
export async function startTestRegistry({
  wants,
  isOld = false,
}: RegistryOptions = {}): Promise<TestRegistry> {
  const kept: TestRegistry['kept'] = new Map();
  /** What engines have sent of blobs, by the place of the upload. */
  const uploads = new Map<string, Buffer>();
  const asked: string[] = [];
  const tokensAsked: string[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '' } = request;
    const url = new URL(request.url ?? '', `http://${address()}`);
    const answer = (
      status: number,
      headers: http.OutgoingHttpHeaders = {},
      content: string | Buffer = '',
    ) => {
      response.writeHead(status, headers).end(method === 'HEAD' ? undefined : content);
    };
    const refuse = (status: number, code: string, headers: http.OutgoingHttpHeaders = {}) =>
      answer(status, headers, JSON.stringify({ errors: [{ code, message: 'no' }] }));
    if (url.pathname === '/token') {
      tokensAsked.push(method === 'GET' ? url.search : body.toString());
      const scope =
        url.searchParams.getAll('scope').join(' ') || new URLSearchParams(body.toString()).get('scope');
      const mayHave = request.headers.authorization === basic || body.includes('refresh_token=mine');
      if (mayHave) answer(200, {}, JSON.stringify({ token: scope }));
      else refuse(401, 'UNAUTHORIZED');
      return;
    }
    asked.push(`${method} ${url.pathname}${url.searchParams.has('mount') ? '?mount' : ''}`);
    const [, name = '', kind = '', key = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    const isPush = ['POST', 'PUT', 'PATCH'].includes(method);
    if (wants === 'password' && request.headers.authorization !== basic) {
      refuse(401, 'UNAUTHORIZED', { 'WWW-Authenticate': 'Basic realm="here"' });
      return;
    }
    const token = `Bearer repository:${name}:pull`;
    if (
      wants === 'token' &&
      !(request.headers.authorization ?? '').startsWith(isPush ? `${token},push` : token)
    ) {
      const challenge = `Bearer realm="http://${address()}/token",service="here"`;
      refuse(401, 'UNAUTHORIZED', { 'WWW-Authenticate': challenge });
      return;
    }
    if (url.pathname === '/v2/') answer(200);
    else if (kind === 'blobs' && key === 'uploads/' && method === 'POST') {
      const mount = url.searchParams.get('mount') ?? '';
      const blob = kept.get(`${url.searchParams.get('from')}/blobs/${mount}`);
      if (blob === undefined) {
        const place = `/v2/${name}/blobs/uploads/${uploads.size}`;
        uploads.set(place, Buffer.of());
        answer(202, { Location: `${place}?state=a` });
      } else {
        kept.set(`${name}/blobs/${mount}`, blob);
        answer(201);
      }
    } else if (kind === 'blobs' && (method === 'PATCH' || method === 'PUT')) {
      const content = Buffer.concat([uploads.get(url.pathname) ?? Buffer.of(), body]);
      const digest = url.searchParams.get('digest') ?? '';
      if (method === 'PATCH') {
        uploads.set(url.pathname, content);
        answer(202, { Location: `${url.pathname}?state=a`, Range: `0-${content.length - 1}` });
      } else if (digest !== digestOf(content) || url.searchParams.get('state') !== 'a') {
        refuse(400, 'DIGEST_INVALID');
      } else {
        kept.set(`${name}/blobs/${digest}`, { type: 'application/octet-stream', content });
        answer(201);
      }
    } else if (kind === 'manifests' && method === 'PUT') {
      if (isOld && body.includes('artifactType')) refuse(400, 'MANIFEST_INVALID');
      else {
        const entry = { type: request.headers['content-type'] ?? '', content: body };
        kept.set(`${name}/manifests/${key}`, entry);
        kept.set(`${name}/manifests/${digestOf(body)}`, entry);
        answer(201, { 'Docker-Content-Digest': digestOf(body) });
      }
    } else {
      const found = kept.get(`${name}/${kind}/${key}`);
      if (found === undefined) refuse(404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN');
      else
        answer(
          200,
          {
            'Content-Type': found.type,
            'Content-Length': found.content.length,
            'Docker-Content-Digest': digestOf(found.content),
          },
          found.content,
        );
    }
  });
  const address = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: address(),
    asked,
    tokensAsked,
    kept,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
