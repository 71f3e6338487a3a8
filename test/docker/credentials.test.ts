import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildImage } from '../../src/docker/build/build.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { registryOf } from '../../src/docker/credentials.ts';
import { type Endpoint, resolveEndpoint } from '../../src/docker/endpoint.ts';
import { explain } from '../../src/docker/explain.ts';
import { pullImage } from '../../src/docker/pull.ts';

const { signal } = new AbortController();
const dockerHub = 'https://index.docker.io/v1/';
/** Of all bytes that are not the same in base64 and in base64 for URLs. */
const secret = 'pa:ss>>>???wörd';

const require = createRequire(import.meta.url);
const debug = createRequire(require.resolve('dockerode'))('debug');

interface Asked {
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

let folder: string;
let server: http.Server;
let asked: Asked[];
/** How the engine answers to what it is asked for, but for `/_ping`. */
let answer: http.RequestListener;
let builder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  asked = [];
  builder = '2';
  answer = (_, response) => response.end();
  server = http.createServer(async (request, response) => {
    for await (const _ of request);
    if (request.url?.startsWith('/_ping') === true)
      return response.setHeader('Builder-Version', builder).end();
    // Its BuildKit cannot be spoken to.
    if (request.url?.startsWith('/grpc') === true) return response.writeHead(404).end();
    asked.push({ url: request.url ?? '', headers: request.headers });
    return answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

describe('pulling', () => {
  it('sends what the configuration has for the registry of the image', async () => {
    await configure({
      auths: { 'registry.example:5000': login('me', secret), [dockerHub]: login('hub', 'x') },
    });
    expect(await pulled('registry.example:5000/team/web:1')).toEqual({
      username: 'me',
      password: secret,
      serveraddress: 'registry.example:5000',
    });
    expect(await pulled('redis:7')).toEqual({ username: 'hub', password: 'x', serveraddress: dockerHub });
  });

  it('sends a token instead of a password', async () => {
    await configure({
      auths: { 'a.example': { auth: '', identitytoken: 'T' }, 'b.example': { registrytoken: 'R' } },
    });
    expect(await pulled('a.example/web')).toEqual({ identitytoken: 'T', serveraddress: 'a.example' });
    expect(await pulled('b.example/web')).toEqual({ registrytoken: 'R', serveraddress: 'b.example' });
  });

  it('finds entries that are whole addresses', async () => {
    await configure({
      auths: { 'https://registry.example/v1/': login('me', 'x'), 'docker.io': login('hub', 'y') },
    });
    expect(await pulled('registry.example/web')).toMatchObject({
      username: 'me',
      serveraddress: 'registry.example',
    });
    expect(await pulled('team/web')).toMatchObject({ username: 'hub', serveraddress: dockerHub });
  });

  it('sends nothing to a registry that the user is not logged in to', async () => {
    expect(await pulled('redis:7')).toBeUndefined();
    await configure({ auths: { 'registry.example': login('me', secret), 'empty.example': {} } });
    expect(await pulled('redis:7')).toBeUndefined();
    expect(await pulled('other.example/web')).toBeUndefined();
    expect(await pulled('empty.example/web')).toBeUndefined();
  });

  it('does without what is no text', async () => {
    const auths = {
      'a.example': { auth: {}, username: 1 },
      'b.example': { auth: 7, username: 'me', password: 'x' },
    };
    await configure({ auths, credHelpers: { 'c.example': '../a\0b' } });
    expect(await pulled('a.example/web')).toBeUndefined();
    expect(await pulled('b.example/web')).toMatchObject({ username: 'me' });
    expect(await pulled('c.example/web')).toBeUndefined();
  });

  it('takes what a variable has first, unless that cannot be read', async () => {
    await configure({ auths: { 'a.example': login('file', 'x'), 'b.example': login('file', 'x') } });
    vi.stubEnv('DOCKER_AUTH_CONFIG', JSON.stringify({ auths: { 'a.example': login('variable', 'y') } }));
    expect(await pulled('a.example/web')).toMatchObject({ username: 'variable', password: 'y' });
    expect(await pulled('b.example/web')).toMatchObject({ username: 'file' });
    vi.stubEnv('DOCKER_AUTH_CONFIG', '{"auths"');
    expect(await pulled('a.example/web')).toMatchObject({ username: 'file' });
  });

  it('is the same for whoever speaks with the registry himself', async () => {
    await helper('special', `printf '{"Username":"<token>","Secret":"T"}'`);
    await configure({
      auths: { [dockerHub]: login('hub', 'x') },
      credHelpers: { 'a.example': 'special' },
    });
    const { credentials } = await endpoint();
    expect(await credentials?.forHost('docker.io', signal)).toMatchObject({ username: 'hub', password: 'x' });
    expect(await credentials?.forHost('a.example', signal)).toMatchObject({ identitytoken: 'T' });
    expect(await credentials?.forHost('b.example', signal)).toBeUndefined();
  });

  it('asks the helper of the registry, else the one for all', async () => {
    await helper('special', `printf '{"ServerURL":"x","Username":"<token>","Secret":"T"}'`);
    await helper('store', `read -r registry; printf '{"Username":"me","Secret":"for %s"}' "$registry"`);
    await configure({
      credHelpers: { 'a.example': 'special' },
      credsStore: 'store',
      auths: { [dockerHub]: {} },
    });
    expect(await pulled('a.example/web')).toEqual({ identitytoken: 'T', serveraddress: 'a.example' });
    expect(await pulled('redis')).toEqual({
      username: 'me',
      password: `for ${dockerHub}`,
      serveraddress: dockerHub,
    });
    expect(await readFile(join(folder, 'words'), 'utf8')).toBe('special get\nstore get\n');
  });

  it('does without a helper that is missing, fails, writes something else, or knows no such registry', async () => {
    await helper('failing', `echo '${secret}' >&2; exit 1`);
    await helper('chatting', `echo hello ${secret}`);
    await helper('empty', `printf '{"Username":"","Secret":""}'`);
    for (const credsStore of ['missing', 'failing', 'chatting', 'empty']) {
      await configure({ credsStore });
      expect(await pulled('redis')).toBeUndefined();
    }
    await configure({ credsStore: 'failing', auths: { 'a.example': login('me', 'x') } });
    expect(await pulled('a.example/web')).toMatchObject({ username: 'me' });
  });

  it('takes what is no name of a helper for none', async () => {
    const auths = { 'a.example': login('me', 'x') };
    for (const credsStore of [['x'], [{ toString: false }], 1, '']) {
      await configure({ credsStore, credHelpers: { 'b.example': credsStore }, auths });
      expect(await pulled('a.example/web')).toMatchObject({ username: 'me' });
      expect(await pulled('b.example/web')).toBeUndefined();
    }
  });

  it('gives up a helper with the pull', async () => {
    await helper('waiting', `echo started > "${join(folder, 'started')}"; exec sleep 60`);
    await configure({ credsStore: 'waiting' });
    const controller = new AbortController();
    const pull = pullImage(connectEngine(await endpoint()), action('redis'), controller.signal, () => {});
    await vi.waitFor(() => readFile(join(folder, 'started')), { timeout: 30_000 });
    controller.abort();
    await expect(pull).rejects.toThrow('aborted');
    expect(asked).toEqual([]);
  });

  it('never shows what it sends, not even to who debugs the layer below', async () => {
    const lines: string[] = [];
    debug.log = (...words: unknown[]) => lines.push(format(...words));
    debug.enable('modem');
    await configure({ auths: { 'registry.example': login('me', secret) } });
    answer = (_, response) => response.writeHead(500).end('{"message":"pull access denied"}');
    const where = await endpoint();
    const error = await pullImage(
      connectEngine(where),
      action('registry.example/web'),
      signal,
      () => {},
    ).catch((thrown: unknown) => thrown);
    debug.disable();
    expect(lines.join('\n')).toMatch(/Sending: [\s\S]*X-Registry-Auth/);
    const sent = asked[0]?.headers['x-registry-auth'];
    expect(sent).toMatch(/^[\w-]+=*$/);
    const shown = [...lines, asked[0]?.url, JSON.stringify(where), explain(error, where), error].map(
      (value) =>
        typeof value === 'string' ? value : JSON.stringify(value, Object.getOwnPropertyNames(value)),
    );
    for (const text of shown) for (const word of [secret, sent]) expect(text).not.toContain(word);
  });
});

describe('building', () => {
  it.each([
    ['BuildKit', '2'],
    ['the classic builder', ''],
  ])('sends all there is with %s', async (_, version) => {
    builder = version;
    await helper('special', `printf '{"Username":"helped","Secret":"y"}'`);
    await configure({
      auths: { 'a.example': login('me', secret), [dockerHub]: login('hub', 'x'), 'empty.example': {} },
      credHelpers: { 'b.example': 'special' },
    });
    await build();
    expect(decoded(asked[0]?.headers['x-registry-config'])).toEqual({
      'a.example': { username: 'me', password: secret, serveraddress: 'a.example' },
      [dockerHub]: { username: 'hub', password: 'x', serveraddress: dockerHub },
      'b.example': { username: 'helped', password: 'y', serveraddress: 'b.example' },
    });
    expect(decodeURIComponent(asked[0]?.url ?? '')).not.toContain(secret);
  });

  it('sends nothing where there is nothing', async () => {
    await build();
    expect(asked[0]?.headers).not.toHaveProperty('x-registry-config');
  });
});

it.each([
  ['redis', dockerHub],
  ['redis:7', dockerHub],
  ['team/web', dockerHub],
  ['docker.io/library/redis', dockerHub],
  ['index.docker.io/team/web', dockerHub],
  ['localhost/web', 'localhost'],
  ['localhost:5000/web@sha256:00', 'localhost:5000'],
  ['ghcr.io/team/web:1', 'ghcr.io'],
])('the registry of %s is %s', (image, registry) => {
  expect(registryOf(image)).toBe(registry);
});

function login(user: string, password: string): object {
  return { auth: Buffer.from(`${user}:${password}`).toString('base64') };
}

async function configure(config: object): Promise<void> {
  await mkdir(join(folder, '.docker'), { recursive: true });
  await writeFile(join(folder, '.docker/config.json'), JSON.stringify(config));
}

/** A credential helper that also notes its name and what it is called with. */
async function helper(name: string, script: string): Promise<void> {
  const file = join(folder, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\necho "${name} $*" >> "${join(folder, 'words')}"\n${script}\n`);
  await chmod(file, 0o755);
}

async function endpoint(): Promise<Endpoint> {
  const { port } = server.address() as AddressInfo;
  const PATH = `${folder}:${process.env.PATH}`;
  const { DOCKER_AUTH_CONFIG } = process.env;
  return resolveEndpoint({ HOME: folder, PATH, DOCKER_AUTH_CONFIG, DOCKER_HOST: `tcp://127.0.0.1:${port}` });
}

function action(image: string): Parameters<typeof pullImage>[1] {
  return { kind: 'pull-image', service: 'web', image };
}

/** The credentials that come with a pull. */
async function pulled(image: string): Promise<unknown> {
  asked = [];
  await pullImage(connectEngine(await endpoint()), action(image), signal, () => {});
  return decoded(asked[0]?.headers['x-registry-auth']);
}

async function build(): Promise<void> {
  answer = (_, response) => response.end('{"aux":{"ID":"sha256:1"}}\n');
  await writeFile(join(folder, 'Dockerfile'), 'FROM a.example/base\n');
  const work = { signal, contents: new Map(), progress: () => {} };
  const image = {
    kind: 'build-image',
    service: 'web',
    image: 'web',
    build: { context: folder },
    labels: {},
  } as const;
  await buildImage({ action: image }, connectEngine(await endpoint()), work);
}

/** As the engine decodes it: base64 for URLs, with padding. */
function decoded(header: string | string[] | undefined): unknown {
  if (header === undefined) return undefined;
  expect(header).toMatch(/^[\w-]+=*$/);
  expect(header.length % 4).toBe(0);
  return JSON.parse(Buffer.from(String(header), 'base64url').toString('utf8'));
}
