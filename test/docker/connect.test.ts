import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { call } from '../../src/docker/api.ts';
import { connectEngine } from '../../src/docker/connect.ts';
import { type Endpoint, resolveEndpoint } from '../../src/docker/endpoint.ts';
import { explain } from '../../src/docker/explain.ts';
import { pingEndpoint } from '../../src/docker/sockets.ts';
import { withResolvers } from '../../src/model/resolvers.ts';
import { hasOpenssl, makeCertificates } from '../helpers/certificates.ts';

const { signal } = new AbortController();
const servers: (Server & { closeAllConnections(): void })[] = [];
/** Method and path of each request, by which the test engines are told apart from what they were asked. */
let asked: string[] = [];
let folder: string;

beforeEach(async () => {
  asked = [];
  folder = await mkdtemp(join(tmpdir(), 'connect-'));
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

describe('connectEngine', () => {
  it('speaks with an engine behind a socket and behind a port, whatever the environment says of another', async () => {
    const port = await listen(http.createServer(engine('1.51')), 0);
    const socket = join(folder, 'engine.sock');
    await listen(http.createServer(engine('1.51')), socket);
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:2376');
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', join(folder, 'nowhere'));
    for (const url of [`tcp://127.0.0.1:${port}`, `http://localhost:${port}`, `unix://${socket}`]) {
      expect(await call(connectEngine({ url, from: 'test' }), 'GET', '/info', { signal })).toBe('hello');
    }
    expect(process.env.DOCKER_HOST).toBe('tcp://127.0.0.1:2376');
  });

  it('sends queries and bodies as they are', async () => {
    const bodies: string[] = [];
    const url = await engineUrl('1.51', (body) => bodies.push(body));
    const options = { query: { name: 'a&b', no: undefined }, body: { Image: 'web' }, signal };
    await call(connectEngine({ url, from: 'test' }), 'POST', '/containers/create', options);
    expect(asked.at(-1)).toBe('POST /containers/create?name=a%26b');
    expect(bodies.at(-1)).toBe('{"Image":"web"}');
  });

  it('gives out a connection that goes on as the engine says, and nothing is sent on it unasked', async () => {
    const sent: string[] = [];
    const server = http.createServer(engine('1.99'));
    server.on('upgrade', (request, socket) => {
      asked.push(
        `${request.method} ${request.url} ${request.headers.upgrade} ${request.headers['content-length']}`,
      );
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst');
      socket.on('data', (chunk: Buffer) => sent.push(chunk.toString()));
      // The end of what is sent ends nothing: the answer still arrives.
      socket.on('end', () => socket.end(` got ${sent.join('')}`));
    });
    const port = await listen(server, 0);
    const connected = connectEngine({ url: `tcp://127.0.0.1:${port}`, from: 'test' });
    const connection = await connected.upgrade({ method: 'POST', path: '/attach', signal });
    if ('status' in connection) throw new Error('the engine did not upgrade');
    connection.end('typed');
    let told = '';
    for await (const chunk of connection) told += chunk;
    expect(told).toBe('first got typed');
    expect(asked.at(-1)).toMatch(/^POST \/v1\.51\/attach\??\S* tcp 0$/);
  });

  it('gives the answer of an engine that does not upgrade, and ends the connection when asked to', async () => {
    const server = http.createServer((_, response) => response.writeHead(409).end('no'));
    const port = await listen(server, 0);
    const refusing = connectEngine({ url: `tcp://127.0.0.1:${port}`, from: 'test' });
    expect(await refusing.upgrade({ method: 'POST', path: '/attach', signal })).toMatchObject({
      status: 409,
    });

    const open = http.createServer(engine('1.51'));
    open.on('upgrade', (_, socket) =>
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'),
    );
    const ending = new AbortController();
    const url = `tcp://127.0.0.1:${await listen(open, 0)}`;
    const connection = await connectEngine({ url, from: 'test' }).upgrade({
      method: 'POST',
      path: '/attach',
      signal: ending.signal,
    });
    if ('status' in connection) throw new Error('the engine did not upgrade');
    const over = (async () => {
      for await (const _ of connection);
    })();
    ending.abort();
    await expect(over).rejects.toThrow(/abort/i);
  });

  it('does not have its connections described with each request, which would take longer than all else', async () => {
    const inspect = vi.spyOn(util, 'inspect');
    await call(connectEngine({ url: await engineUrl('1.51'), from: 'test' }), 'GET', '/info', { signal });
    const described = inspect.mock.results.map(({ value }) => String(value)).join('\n');
    inspect.mockRestore();
    expect(described).toContain('/info');
    expect(described).not.toContain('maxSockets');
  });

  it('lets the user see no warning about the way it parses addresses', { timeout: 60_000 }, async () => {
    // Node warns only of what is outside node_modules, as everything is once it is bundled.
    const bundle = join(folder, 'client.mjs');
    await build({
      stdin: {
        contents: `
          import { connectEngine } from './src/docker/connect.ts';
          const engine = connectEngine({ url: process.argv[2], from: 'test' });
          const { status } = await engine.request({ method: 'GET', path: '/info', signal: new AbortController().signal });
          console.log(status, process.noDeprecation);
          process.exit();`,
        resolveDir: process.cwd(),
      },
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['cpu-features', '*.node'],
      banner: {
        js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url),__dirname='',__filename='';",
      },
    });
    const server = join(folder, 'server.mjs');
    await writeFile(
      server,
      `import { spawn } from 'node:child_process';
       import http from 'node:http';
       const server = http.createServer((_, answer) => answer.end()).listen(0, '127.0.0.1', () => {
         const url = 'tcp://127.0.0.1:' + server.address().port;
         spawn(process.execPath, [${JSON.stringify(bundle)}, url], { stdio: 'inherit' }).on('exit', process.exit);
       });`,
    );
    const { stdout, stderr } = spawnSync(process.execPath, [server], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '200 false\n', stderr: '' });
  });
});

it('an engine that wants an encrypted connection is told as such', async () => {
  // What the engine's HTTP server says by itself to who does not encrypt.
  const server = http.createServer((_, response) =>
    response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.\n'),
  );
  const endpoint = { url: `tcp://127.0.0.1:${await listen(server, 0)}`, from: 'DOCKER_HOST' };
  const error = await call(connectEngine(endpoint), 'GET', '/info', { signal }).catch((thrown) => thrown);
  expect(explain(error, endpoint).problems).toEqual([
    expect.objectContaining({
      code: 'engine-unreachable',
      hint: expect.stringContaining('DOCKER_TLS_VERIFY=1'),
    }),
  ]);
});

describe('the version of the API', () => {
  it('is the engine’s own, without a request for it, where the engine is not newer than what is known', async () => {
    const client = connectEngine({ url: await engineUrl('1.47'), from: 'test' });
    await call(client, 'GET', '/containers/json', { signal });
    await call(client, 'POST', '/networks/create', { signal });
    expect(await client.apiVersion?.(signal)).toBe('1.47');
    expect(asked).toEqual(['GET /containers/json', 'POST /networks/create']);
  });

  it('is the newest known with a newer engine, also for what was asked before that was heard', async () => {
    const client = connectEngine({ url: await engineUrl('1.100'), from: 'test' });
    expect(
      await Promise.all([1, 2].map((n) => call(client, 'GET', `/containers/${n}/json`, { signal }))),
    ).toEqual(['hello in v1.51', 'hello in v1.51']);
    asked = [];
    await call(client, 'POST', '/networks/create', { signal });
    expect(await client.apiVersion?.(signal)).toBe('1.51');
    expect(asked).toEqual(['POST /v1.51/networks/create']);
  });

  it('is asked for before anything is changed', async () => {
    const client = connectEngine({ url: await engineUrl('2.0'), from: 'test' });
    await call(client, 'POST', '/networks/create', { signal });
    expect(asked).toEqual(['GET /_ping', 'POST /v1.51/networks/create']);
  });

  it('is not known where nothing tells it, and then not asked for again', async () => {
    const client = connectEngine({ url: await engineUrl(undefined), from: 'test' });
    expect(await client.apiVersion?.(signal)).toBeUndefined();
    await call(client, 'POST', '/networks/create', { signal });
    expect(await client.apiVersion?.(signal)).toBeUndefined();
    expect(asked).toEqual(['GET /_ping', 'POST /networks/create']);
  });

  it('is the one that the user has chosen, whatever the engine has', async () => {
    const client = connectEngine({ url: await engineUrl('1.51'), from: 'test', apiVersion: '1.45' });
    expect(await call(client, 'GET', '/info', { signal })).toBe('hello in v1.45');
    expect(await client.apiVersion?.(signal)).toBe('1.45');
    expect(asked).toEqual(['GET /v1.45/info']);
  });

  it('is too old before Docker 19.03, which is told', async () => {
    const endpoint = { url: await engineUrl('1.39'), from: 'test' };
    const error = await call(connectEngine(endpoint), 'GET', '/info', { signal }).catch((thrown) => thrown);
    expect(explain(error, endpoint).problems).toEqual([
      expect.objectContaining({
        code: 'engine-unreachable',
        message: `the Docker Engine at ${endpoint.url} (test) is too old: the API of the engine has version 1.39, and 1.40 is needed`,
      }),
    ]);
  });
});

describe('an answer that does not arrive whole', () => {
  /** Answers the first request in one way, all others as an engine does. */
  async function spoiled(answer: http.RequestListener): Promise<Endpoint> {
    let isFirst = true;
    const server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (isFirst) answer(request, response);
      else response.end('"whole"');
      isFirst = false;
    });
    return { url: `tcp://127.0.0.1:${await listen(server, 0)}`, from: 'test' };
  }

  const half: http.RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('"wh', () => response.destroy());
  };
  const garbled: http.RequestListener = (_, response) => void response.end('{"Id":"01');

  it.each([
    ['half', half],
    ['garbled', garbled],
  ])('%s: what only asks is asked again', async (_, answer) => {
    expect(await call(connectEngine(await spoiled(answer)), 'GET', '/info', { signal })).toBe('whole');
    expect(asked).toEqual(['GET /info?', 'GET /info?']);
  });

  it('is told where something was done', async () => {
    const endpoint = await spoiled((_, response) => {
      response.setHeader('api-version', '1.51');
      response.end('OK');
    });
    const client = connectEngine(endpoint);
    const server = servers.at(-1);
    await client.apiVersion?.(signal);
    server?.removeAllListeners('request').on('request', garbled);
    const error = await call(client, 'POST', '/commit', { signal }).catch((thrown) => thrown);
    expect(explain(error, endpoint).problems).toEqual([
      expect.objectContaining({
        code: 'engine-unreachable',
        message: `the Docker Engine at ${endpoint.url} (test) answers POST /commit with what is no JSON`,
        cause: '{"Id":"01',
      }),
    ]);
  });
});

describe('an engine that accepts connections and says nothing', () => {
  it('is given up also when it says that it is there, and to what it says nothing is told', async () => {
    const server = http.createServer((request, response) => {
      if (request.url?.startsWith('/_ping')) response.end('OK');
    });
    const endpoint = { url: `tcp://127.0.0.1:${await listen(server, 0)}`, from: 'test' };
    const error = await call(connectEngine(endpoint, 4000), 'GET', '/info', { signal }).catch(
      (thrown) => thrown,
    );
    expect(explain(error, endpoint).problems[0]?.message).toContain(
      'does not answer GET /info: nothing came for 4 s',
    );
  });

  it('is given up after a while, which is told', async () => {
    const endpoint = { url: `tcp://127.0.0.1:${await listen(http.createServer(), 0)}`, from: 'test' };
    const error = await call(connectEngine(endpoint, 4000), 'GET', '/info', { signal }).catch(
      (thrown) => thrown,
    );
    expect(explain(error, endpoint).problems).toEqual([
      expect.objectContaining({
        code: 'engine-unreachable',
        message: `the Docker Engine at ${endpoint.url} (test) does not answer: nothing came for 2 s`,
      }),
    ]);
  });

  it('may take its time for an answer as long as it says that it is there', async () => {
    const pinged = withResolvers<void>();
    const server = http.createServer((request, response) => {
      if (request.url?.startsWith('/_ping')) response.end('OK', pinged.resolve);
      else void pinged.promise.then(() => engine('1.51')(request, response));
    });
    const client = connectEngine({ url: `tcp://127.0.0.1:${await listen(server, 0)}`, from: 'test' }, 4000);
    expect(await call(client, 'GET', '/slow', { signal })).toBe('hello');
  });

  it('may take its time for what takes time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const asking = withResolvers<() => void>();
    const server = http.createServer((request, response) => {
      const answer = () => void engine('1.51')(request, response);
      if (request.url?.startsWith('/slow')) asking.resolve(answer);
      else answer();
    });
    const client = connectEngine({ url: `tcp://127.0.0.1:${await listen(server, 0)}`, from: 'test' }, 4000);
    await call(client, 'GET', '/info', { signal });
    const slow = call(client, 'GET', '/slow', { signal, slow: true });
    const answer = await asking.promise;
    vi.advanceTimersByTime(60_000);
    answer();
    expect(await slow).toBe('hello');
  });
});

it('says to the engine what the user wants said with every request', async () => {
  const told: unknown[] = [];
  const server = http.createServer((request, response) => {
    told.push(request.headers['x-team']);
    response.end('"hello"');
  });
  const url = `tcp://127.0.0.1:${await listen(server, 0)}`;
  const client = connectEngine({ url, from: 'test', headers: { 'X-Team': 'blue' } });
  await call(client, 'POST', '/networks/create', { body: {}, signal });
  await client.upgrade({ method: 'POST', path: '/attach', signal });
  expect(told).toEqual(['blue', 'blue', 'blue']);
});

describe.skipIf(!hasOpenssl)(
  'an encrypted connection (skipped where there is no openssl to make certificates)',
  () => {
    let certificates: string;

    beforeAll(async () => {
      certificates = await mkdtemp(join(tmpdir(), 'certificates-'));
      makeCertificates(certificates);
    });

    afterAll(async () => {
      await rm(certificates, { recursive: true });
    });

    it('is made with DOCKER_TLS_VERIFY and the certificates in DOCKER_CERT_PATH', async () => {
      const port = await encryptedEngine(certificates);
      const env = {
        DOCKER_HOST: `tcp://127.0.0.1:${port}`,
        DOCKER_TLS_VERIFY: 'yes',
        DOCKER_CERT_PATH: certificates,
      };
      const endpoint = await resolveEndpoint(env);
      expect(await pingEndpoint(endpoint, 5000)).toBe(true);
      expect(await call(connectEngine(endpoint), 'GET', '/info', { signal })).toBe('hello');
    });

    it('takes the certificates of the docker CLI’s folder where no other is named', async () => {
      const port = await encryptedEngine(certificates);
      await cp(certificates, join(folder, '.docker'), { recursive: true });
      const env = { HOME: folder, DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1' };
      expect(await call(connectEngine(await resolveEndpoint(env)), 'GET', '/info', { signal })).toBe('hello');
    });

    it('is made with the certificates of a context', async () => {
      const port = await encryptedEngine(certificates);
      const tls = await writeContext('remote', `tcp://127.0.0.1:${port}`, false);
      await cp(certificates, tls, { recursive: true });
      const endpoint = await resolveEndpoint({ HOME: folder, DOCKER_CONTEXT: 'remote' });
      expect(await pingEndpoint(endpoint, 5000)).toBe(true);
      expect(await call(connectEngine(endpoint), 'GET', '/info', { signal })).toBe('hello');
    });

    it('believes any engine where the context says so, and none that is unknown otherwise', async () => {
      const port = await encryptedEngine(certificates, false);
      await writeContext('careless', `tcp://127.0.0.1:${port}`, true);
      const careless = await resolveEndpoint({ HOME: folder, DOCKER_CONTEXT: 'careless' });
      expect(await call(connectEngine(careless), 'GET', '/info', { signal })).toBe('hello');

      const strict: Endpoint = { url: `https://127.0.0.1:${port}`, from: 'DOCKER_HOST' };
      expect(await pingEndpoint(strict, 5000)).toBe(false);
      const error = await call(connectEngine(strict), 'GET', '/info', { signal }).catch((thrown) => thrown);
      expect(explain(error, strict).problems).toEqual([
        expect.objectContaining({
          code: 'engine-unreachable',
          message: `the Docker Engine at ${strict.url} (DOCKER_HOST) cannot be reached over an encrypted connection: its certificate is signed by no one who is trusted`,
          hint: expect.stringContaining('DOCKER_CERT_PATH'),
        }),
      ]);
    });

    it('does not come about without the user’s certificate where the engine wants one', async () => {
      const port = await encryptedEngine(certificates);
      const ca = await readFile(join(certificates, 'ca.pem'));
      const endpoint = {
        url: `tcp://127.0.0.1:${port}`,
        from: 'test',
        tls: { ca, rejectUnauthorized: true },
      };
      await expect(call(connectEngine(endpoint), 'GET', '/info', { signal })).rejects.toThrow();
      expect(asked).toEqual([]);
    });
  },
);

/** Answers a GET with `hello`, and in which version. */
function engine(version: string | undefined, read: (body: string) => void = () => {}): http.RequestListener {
  return async (request, response) => {
    asked.push(`${request.method} ${request.url}`.replace(/\?$/, ''));
    let body = '';
    for await (const chunk of request) body += chunk;
    read(body);
    if (version !== undefined) response.setHeader('Api-Version', version);
    const prefix = /^\/(v[\d.]+)\//.exec(request.url ?? '')?.[1];
    response.end(JSON.stringify(prefix === undefined ? 'hello' : `hello in ${prefix}`));
  };
}

async function engineUrl(version: string | undefined, read?: (body: string) => void): Promise<string> {
  return `tcp://127.0.0.1:${await listen(http.createServer(engine(version, read)), 0)}`;
}

async function encryptedEngine(certificates: string, wantsCertificate = true): Promise<number> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'server-cert.pem', 'server-key.pem'].map((name) => readFile(join(certificates, name))),
  );
  const options = { ca, cert, key, requestCert: wantsCertificate, rejectUnauthorized: wantsCertificate };
  return listen(https.createServer(options as https.ServerOptions, engine('1.51')), 0);
}

async function listen(server: http.Server | https.Server, at: string | number): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    if (typeof at === 'number') server.listen(at, '127.0.0.1', resolve);
    else server.listen(at, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Gives the folder for the certificates of the context. */
async function writeContext(name: string, host: string, SkipTLSVerify: boolean): Promise<string> {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(folder, '.docker/contexts/meta', id);
  await mkdir(meta, { recursive: true });
  const content = { Name: name, Endpoints: { docker: { Host: host, SkipTLSVerify } } };
  await writeFile(join(meta, 'meta.json'), JSON.stringify(content));
  return join(folder, '.docker/contexts/tls', id, 'docker');
}
