import { createHash } from 'node:crypto';
import type { ImageName } from '../model/image-name.ts';
import { ProblemsError } from '../model/problem.ts';
import { answerTo, type Challenge, type Login, readChallenge } from './auth.ts';
import { causeOf, type Fail, failing, saidBy } from './failure.ts';

/** What a client may use. */
export interface RegistryAccess {
  /** What the user is logged in with at a registry. */
  readonly login: (host: string) => Promise<Login | undefined>;
  /** Whether to speak with a registry without encryption. */
  readonly isInsecure: (host: string) => boolean;
  readonly signal: AbortSignal;
}

/** How a registry names content. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly artifactType?: string;
}

export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

/** The OCI distribution protocol, as far as projects and images need it. Every method throws `ProblemsError`. */
export interface RegistryClient {
  /** The digest of what a name stands for. */
  resolve(name: ImageName): Promise<string>;
  manifest(name: ImageName): Promise<Manifest>;
  putManifest(name: ImageName, mediaType: string, content: Buffer): Promise<void>;
  blob(name: ImageName, descriptor: Descriptor): Promise<Buffer>;
  /** Does nothing if the repository has it. */
  putBlob(name: ImageName, content: Buffer): Promise<void>;
  /** Takes a blob over from another repository, without a copy where the registry is the same one. */
  copyBlob(from: ImageName, to: ImageName, descriptor: Descriptor): Promise<void>;
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** What is read into memory: no manifest and no stack file is larger. */
const sizeLimit = 32 * 1024 * 1024;

export function registryClient(access: RegistryAccess): RegistryClient {
  const connections = new Map<string, Connection>();
  const connectionWith = (host: string): Connection => {
    const known = connections.get(host) ?? new Connection(host, access);
    connections.set(host, known);
    return known;
  };

  const client: RegistryClient = {
    async resolve(name) {
      const { fail, at } = about(name, 'give out');
      const response = await connectionWith(name.host).ask(at(manifestPath(name)), fail, [pull(name)], {
        method: 'HEAD',
        headers: { Accept: manifestTypes.join(', ') },
      });
      if (!response.ok) throw fail(await saidBy(response), response.status);
      return response.headers.get('docker-content-digest') ?? (await client.manifest(name)).digest;
    },

    async manifest(name) {
      const { fail, at } = about(name, 'give out');
      const response = await connectionWith(name.host).ask(at(manifestPath(name)), fail, [pull(name)], {
        headers: { Accept: manifestTypes.join(', ') },
      });
      if (!response.ok) throw fail(await saidBy(response), response.status);
      const content = await bytesOf(response, sizeLimit, fail);
      const digest = digestOf(content);
      if (name.digest !== undefined && name.digest !== digest)
        throw fail(`it gave ${digest} instead`, response.status);
      return { mediaType: mediaTypeOf(response, content), digest, content };
    },

    async putManifest(name, mediaType, content) {
      const { fail, at } = about(name, 'take');
      const response = await connectionWith(name.host).ask(at(manifestPath(name)), fail, [push(name)], {
        method: 'PUT',
        headers: { 'Content-Type': mediaType },
        body: content,
      });
      if (!response.ok) throw fail(await saidBy(response), response.status);
    },

    async blob(name, { digest, size }) {
      const { fail, at } = about(name, 'give out');
      const response = await connectionWith(name.host).ask(at(`blobs/${digest}`), fail, [pull(name)], {});
      if (!response.ok) throw fail(await saidBy(response), response.status);
      const content = await bytesOf(response, Math.min(size, sizeLimit), fail);
      if (digestOf(content) !== digest) throw fail(`a part of it is damaged: ${digest}`, response.status);
      return content;
    },

    async putBlob(name, content) {
      const digest = digestOf(content);
      if (await hasBlob(name, digest)) return;
      const { fail, at } = about(name, 'take');
      const started = await connectionWith(name.host).ask(at('blobs/uploads/'), fail, [push(name)], {
        method: 'POST',
      });
      await finishUpload(name, started, digest, { body: content }, fail);
    },

    async copyBlob(from, to, { digest, size }) {
      if (await hasBlob(to, digest)) return;
      const { fail, at } = about(to, 'take');
      const sameHost = from.host === to.host;
      const query = sameHost ? `?mount=${digest}&from=${encodeURIComponent(from.path)}` : '';
      const scopes = sameHost ? [push(to), pull(from)] : [push(to)];
      const started = await connectionWith(to.host).ask(at(`blobs/uploads/${query}`), fail, scopes, {
        method: 'POST',
      });
      if (started.status === 201) return;
      const source = about(from, 'give out');
      const read = await connectionWith(from.host).ask(
        source.at(`blobs/${digest}`),
        source.fail,
        [pull(from)],
        {},
      );
      if (!read.ok || read.body === null) throw source.fail(await saidBy(read), read.status);
      const body = { body: read.body, duplex: 'half' as const, headers: { 'Content-Length': String(size) } };
      await finishUpload(to, started, digest, body, fail);
    },
  };

  const hasBlob = async (name: ImageName, digest: string): Promise<boolean> => {
    const { fail, at } = about(name, 'take');
    const found = await connectionWith(name.host).ask(at(`blobs/${digest}`), fail, [push(name)], {
      method: 'HEAD',
    });
    if (found.ok) return true;
    if (found.status === 404) return false;
    throw fail(await saidBy(found), found.status);
  };

  const finishUpload = async (
    name: ImageName,
    started: Response,
    digest: string,
    body: RequestInit,
    fail: Fail,
  ): Promise<void> => {
    const place = started.headers.get('location');
    if (started.status !== 202 || place === null || !URL.canParse(place, started.url))
      throw fail(await saidBy(started), started.status);
    const url = new URL(place, started.url);
    url.searchParams.set('digest', digest);
    const done = await connectionWith(name.host).ask(url.href, fail, [push(name)], {
      ...body,
      method: 'PUT',
      headers: { 'Content-Type': 'application/octet-stream', ...body.headers },
    });
    if (!done.ok) throw fail(await saidBy(done), done.status);
  };

  return client;
}

/** How content is named by itself. */
export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** A name as people write it. */
export function nameOf({ host, path, tag, digest }: ImageName): string {
  return `${host}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** One registry: how it is reached, and what it has to be shown for what is done there. */
class Connection {
  readonly #host: string;
  readonly #access: RegistryAccess;
  #origin: Promise<string> | undefined;
  #challenge: Challenge | undefined;
  readonly #answers = new Map<string, string | undefined>();

  constructor(host: string, access: RegistryAccess) {
    this.#host = host;
    this.#access = access;
  }

  /** Asks for a path below `/v2/`, or for an address that the registry gave; whatever it answers is given. */
  async ask(place: string, fail: Fail, scopes: readonly string[], request: RequestInit): Promise<Response> {
    const { signal } = this.#access;
    try {
      this.#origin ??= this.#findOrigin();
      const origin = await this.#origin;
      const url = URL.canParse(place) ? place : `${origin}${place}`;
      // What was uploaded may have to be sent to another place, or without encryption, where no one is to see the login.
      const own = new URL(url).origin === new URL(origin).origin;
      const key = scopes.join(' ');
      if (own && this.#challenge !== undefined && !this.#answers.has(key)) await this.#answer(scopes, fail);
      const send = (): Promise<Response> => {
        const authorization = own ? this.#answers.get(key) : undefined;
        const headers = {
          ...(request.headers as Record<string, string>),
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        };
        return fetch(url, { ...request, headers, signal });
      };
      const response = await send();
      const challenge =
        response.status === 401 && own ? readChallenge(response.headers.get('www-authenticate')) : undefined;
      // A stream can be sent once.
      if (challenge === undefined || request.body instanceof ReadableStream) return response;
      this.#challenge = challenge;
      if ((await this.#answer(scopes, fail)) === undefined) return response;
      await response.body?.cancel();
      return await send();
    } catch (error) {
      if (signal.aborted || error instanceof ProblemsError) throw error;
      throw fail(causeOf(error).text);
    }
  }

  async #answer(scopes: readonly string[], fail: Fail): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined;
    const login = await this.#access.login(this.#host);
    const answer = await answerTo(this.#challenge, login, scopes, this.#access.signal, fail);
    this.#answers.set(scopes.join(' '), answer);
    return answer;
  }

  /** As with engines, registries of this machine need no encryption. */
  async #findOrigin(): Promise<string> {
    const { isInsecure, signal } = this.#access;
    const host = this.#host === 'docker.io' ? 'registry-1.docker.io' : this.#host;
    if (isInsecure(this.#host)) return `http://${host}`;
    const encrypted = `https://${host}`;
    if (!isLoopback(host)) return encrypted;
    try {
      const { body } = await fetch(`${encrypted}/v2/`, { signal });
      await body?.cancel();
      return encrypted;
    } catch (error) {
      if (!/^ERR_SSL_|^EPROTO$/.test(causeOf(error).code)) throw error;
      return `http://${host}`;
    }
  }
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host);
}

/** How to ask about a name, and how to tell that it failed. */
function about(
  name: ImageName,
  doing: string,
): { readonly fail: Fail; readonly at: (rest: string) => string } {
  return { fail: failing(name.host, nameOf(name), doing), at: (rest) => `/v2/${name.path}/${rest}` };
}

function manifestPath({ tag, digest }: ImageName): string {
  return `manifests/${digest ?? tag ?? 'latest'}`;
}

function pull({ path }: ImageName): string {
  return `repository:${path}:pull`;
}

function push({ path }: ImageName): string {
  return `repository:${path}:pull,push`;
}

/** Registries do not always say what they give. */
function mediaTypeOf(response: Response, content: Buffer): string {
  const said = response.headers.get('content-type')?.split(';', 1)[0]?.trim() ?? '';
  if (manifestTypes.includes(said)) return said;
  try {
    const { mediaType } = JSON.parse(content.toString('utf8')) as { readonly mediaType?: unknown };
    return typeof mediaType === 'string' ? mediaType : said;
  } catch {
    return said;
  }
}

async function bytesOf(response: Response, limit: number, fail: Fail): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limit) throw fail(`it gave more than ${limit} bytes`, response.status);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
