import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Variables } from '../../src/docker/contexts.ts';
import { type Endpoint, type EngineOptions, resolveEndpoint } from '../../src/docker/endpoint.ts';
import { askAll, pingEndpoint, usualSockets } from '../../src/docker/sockets.ts';
import { type Problem, ProblemsError } from '../../src/model/problem.ts';

let folder: string;
const servers: http.Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'endpoint-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

describe('resolveEndpoint', () => {
  it('prefers DOCKER_HOST to any context', async () => {
    await writeConfig({ currentContext: 'colima' });
    const env = { ...home(), DOCKER_HOST: 'tcp://build.local:2375', DOCKER_CONTEXT: 'colima' };
    expect(await resolveEndpoint(env)).toMatchObject({ url: 'tcp://build.local:2375', from: 'DOCKER_HOST' });
  });

  it('takes an empty variable for one that is not set', async () => {
    const env = { ...home(), DOCKER_HOST: '', DOCKER_CONTEXT: '' };
    expect(await resolveEndpoint(env, {}, [nobody])).toMatchObject(nobody);
  });

  it('reads the host of the context named by DOCKER_CONTEXT', async () => {
    await writeContext('colima', 'unix:///home/me/.colima/default/docker.sock');
    expect(await resolveEndpoint({ ...home(), DOCKER_CONTEXT: 'colima' })).toMatchObject({
      url: 'unix:///home/me/.colima/default/docker.sock',
      from: 'DOCKER_CONTEXT=colima',
    });
  });

  it('reads the current context from config.json, in DOCKER_CONFIG where that is set', async () => {
    await writeConfig({ currentContext: 'remote' });
    await writeContext('remote', 'ssh://me@build.local');
    const found = {
      url: 'ssh://me@build.local',
      from: `context remote of ${join(folder, '.docker/config.json')}`,
    };
    expect(await resolveEndpoint(home())).toMatchObject(found);
    expect(await resolveEndpoint({ HOME: '/nowhere', DOCKER_CONFIG: join(folder, '.docker') })).toMatchObject(
      found,
    );
  });

  it('says which context does not exist, who named it, and which there are', async () => {
    expect(await problemOf({ ...home(), DOCKER_CONTEXT: 'gone' })).toEqual({
      code: 'invalid-option',
      severity: 'error',
      message: 'the Docker context gone, named by DOCKER_CONTEXT, does not exist',
      hint: 'the contexts are default',
    });
    await writeContext('remote', 'ssh://me@build.local');
    await writeContext('colima', 'unix:///home/me/.colima/default/docker.sock');
    await writeConfig({ currentContext: 'lost' });
    expect(await problemOf(home())).toMatchObject({
      message: `the Docker context lost, named by ${join(folder, '.docker/config.json')}, does not exist`,
      hint: 'the contexts are default, colima, remote',
    });
    expect(await problemOf({ ...home(), DOCKER_CONTEXT: 'colmia' })).toMatchObject({
      hint: 'did you mean colima?',
    });
  });

  it('says that a context has no Docker endpoint, or one that is no address', async () => {
    await writeContext('kube', '');
    expect(await problemOf({ ...home(), DOCKER_CONTEXT: 'kube' })).toMatchObject({
      code: 'invalid-option',
      message: 'the Docker context kube, named by DOCKER_CONTEXT, has no Docker endpoint',
    });
    await writeContext('odd', 'fd://');
    expect(await problemOf({ ...home(), DOCKER_CONTEXT: 'odd' })).toMatchObject({
      code: 'invalid-option',
      message: 'the Docker context odd is no address of a Docker Engine: fd://',
    });
  });

  it.each([
    ['localhost:2375', 'tcp://localhost:2375'],
    ['build.local', 'tcp://build.local'],
    ['tcp://[::1]:2375', 'tcp://[::1]:2375'],
    ['http://localhost', 'http://localhost'],
    ['ssh://me@build.local:22', 'ssh://me@build.local:22'],
    ['unix://', 'unix:///var/run/docker.sock'],
    ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/docker_engine'],
  ])('takes DOCKER_HOST=%s for %s', async (DOCKER_HOST, url) => {
    expect(await resolveEndpoint({ ...home(), DOCKER_HOST })).toMatchObject({ url, from: 'DOCKER_HOST' });
  });

  const form = 'write it as unix:///path/to/docker.sock, tcp://host:2375 or ssh://user@host';
  it.each([
    ['tcp//bad', 'did you mean tcp://bad?'],
    ['tpc://build.local:2375', 'did you mean tcp://build.local:2375?'],
    ['unix:/var/run/docker.sock', 'did you mean unix:///var/run/docker.sock?'],
    ['/var/run/docker.sock', 'did you mean unix:///var/run/docker.sock?'],
    ['fd://', form],
    ['tcp://', form],
    ['tcp://build.local/engine', form],
    ['tcp://build.local:99999', form],
    ['ssh://', form],
    ['ssh://%zz@build.local', form],
  ])('says that DOCKER_HOST=%s is no address', async (DOCKER_HOST, hint) => {
    expect(await problemOf({ ...home(), DOCKER_HOST })).toEqual({
      code: 'invalid-option',
      severity: 'error',
      message: `DOCKER_HOST is no address of a Docker Engine: ${DOCKER_HOST}`,
      hint,
    });
  });

  it('takes no password for ssh, and does not repeat it', async () => {
    const problem = await problemOf({ ...home(), DOCKER_HOST: 'ssh://me:hunter2@build.local' });
    expect(problem).toMatchObject({
      code: 'invalid-option',
      message:
        'DOCKER_HOST has a password in the address of the Docker Engine, and ssh takes none from there',
    });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  it('says which certificate is missing', async () => {
    const env = { ...home(), DOCKER_HOST: 'tcp://build.local', DOCKER_TLS_VERIFY: '1' };
    expect(await problemOf(env)).toEqual({
      code: 'invalid-option',
      severity: 'error',
      message: `DOCKER_TLS_VERIFY is set, but ${join(folder, '.docker/ca.pem')} does not exist`,
      hint: 'set DOCKER_CERT_PATH to the folder that has ca.pem, cert.pem and key.pem',
    });
    for (const name of ['ca.pem', 'cert.pem']) await writeFile(join(folder, name), '');
    expect(await problemOf({ ...env, DOCKER_CERT_PATH: folder })).toMatchObject({
      message: `DOCKER_TLS_VERIFY is set, but ${folder} has cert.pem but no key.pem`,
    });
  });

  it('needs no certificates for a socket, nor for an ssh connection', async () => {
    for (const DOCKER_HOST of ['unix:///run/docker.sock', 'ssh://me@build.local']) {
      const { url, tls } = await resolveEndpoint({ ...home(), DOCKER_HOST, DOCKER_TLS_VERIFY: '1' });
      expect([url, tls]).toEqual([DOCKER_HOST, undefined]);
    }
  });

  it('asks the sockets for the context "default" and with a configuration that cannot be read', async () => {
    const answering = await engineAt('a.sock');
    await writeConfig({ currentContext: 'other' });
    expect(await resolveEndpoint({ ...home(), DOCKER_CONTEXT: 'default' }, {}, [answering])).toMatchObject(
      answering,
    );
    await writeFile(join(folder, '.docker/config.json'), '{ "currentContext": ');
    expect(await resolveEndpoint(home(), {}, [answering])).toMatchObject(answering);
  });

  it('takes the first socket that answers, not the first that exists', async () => {
    const left = socket('left-behind');
    await writeFile(join(folder, 'left-behind'), '');
    const [first, second] = [await engineAt('first.sock', 20), await engineAt('second.sock')];
    expect(await resolveEndpoint(home(), {}, [nobody, left, first, second])).toMatchObject(first);
  });

  it('names the option, the variable or the file that chose the engine', async () => {
    await writeContext('colima', 'unix:///colima.sock');
    const env = { ...home(), DOCKER_HOST: 'unix:///variable.sock', DOCKER_CONTEXT: 'colima' };
    const found = async (options: EngineOptions, variables: Variables = env) => {
      const { url, from } = await resolveEndpoint(variables, options);
      return `${url} ${from}`;
    };
    expect(await found({ host: 'unix:///option.sock' })).toBe('unix:///option.sock --host');
    expect(await found({ context: 'colima' })).toBe('unix:///colima.sock --context colima');
    expect(await found({}, { ...env, DOCKER_HOST: '' })).toBe('unix:///colima.sock DOCKER_CONTEXT=colima');
    expect(await problemOf(env, { context: 'gone' })).toMatchObject({
      message: 'the Docker context gone, named by --context, does not exist',
    });
    expect(await problemOf(env, { host: 'tcp//bad' })).toMatchObject({
      message: '--host is no address of a Docker Engine: tcp//bad',
    });
  });

  it('encrypts without asking for proof where only that is said, and takes files that are named', async () => {
    for (const name of ['mine.pem', 'ca.pem', 'cert.pem', 'key.pem'])
      await writeFile(join(folder, name), name);
    const env = { DOCKER_HOST: 'tcp://build.local', DOCKER_CERT_PATH: folder };
    const tlsOf = async (variables: Variables, options: EngineOptions) => {
      const { tls } = await resolveEndpoint(variables, options);
      return tls && [tls.ca, tls.cert, tls.key, tls.rejectUnauthorized].map(String).join(' ');
    };
    expect(await tlsOf(env, {})).toBeUndefined();
    expect(await tlsOf(env, { tls: true })).toBe('undefined cert.pem key.pem false');
    expect(await tlsOf({ ...env, DOCKER_TLS: '1' }, {})).toBe('undefined cert.pem key.pem false');
    expect(await tlsOf({ ...env, DOCKER_TLS: '1', DOCKER_TLS_VERIFY: '1' }, {})).toBe(
      'ca.pem cert.pem key.pem true',
    );
    expect(await tlsOf(env, { tlsverify: true, tlscacert: join(folder, 'mine.pem') })).toBe(
      'mine.pem cert.pem key.pem true',
    );
    expect(await problemOf(env, { tlsverify: true, tlskey: join(folder, 'no.pem') })).toMatchObject({
      message: `--tlsverify is said, but ${join(folder, 'no.pem')} does not exist`,
    });
  });

  it('reads the version of the API and headers for the engine', async () => {
    const read = (variables: Variables) =>
      resolveEndpoint({ DOCKER_HOST: 'tcp://a', ...home(), ...variables });
    expect(await read({ DOCKER_API_VERSION: '1.45' })).toMatchObject({ apiVersion: '1.45' });
    expect(await read({ COMPOSE_HTTP_TIMEOUT: '120' })).toMatchObject({ patience: 120_000 });
    expect(await problemOf({ DOCKER_HOST: 'tcp://a', COMPOSE_HTTP_TIMEOUT: 'long' })).toMatchObject({
      message: 'COMPOSE_HTTP_TIMEOUT is no number of seconds: long',
    });
    expect(await problemOf({ DOCKER_HOST: 'tcp://a', DOCKER_API_VERSION: 'new' })).toMatchObject({
      message: "DOCKER_API_VERSION is no version of the engine's API: new",
    });
    await writeConfig({ HttpHeaders: { 'X-Team': 'blue', 'User-Agent': 'me' } });
    expect(await read({})).toMatchObject({ headers: { 'X-Team': 'blue' } });
    expect(await read({ DOCKER_CUSTOM_HEADERS: 'A=1,"B=2,""3"""' })).toMatchObject({
      headers: { A: '1', B: '2,"3"' },
    });
    expect(await problemOf({ DOCKER_HOST: 'tcp://a', DOCKER_CUSTOM_HEADERS: 'A: 1' })).toMatchObject({
      message: 'DOCKER_CUSTOM_HEADERS has something that is no header: A: 1',
    });
  });

  it('of sockets that do not answer, returns one that was meant to', async () => {
    await listen(join(folder, 'left.sock'));
    const left = servers.pop();
    await rename(join(folder, 'left.sock'), join(folder, 'kept.sock'));
    left?.close();
    expect(await resolveEndpoint(home(), {}, [nobody, socket('kept.sock')])).toMatchObject(
      socket('kept.sock'),
    );
  });

  it('takes no words for ssh that it would take for options', async () => {
    expect(await problemOf({ DOCKER_HOST: 'ssh://-oProxyCommand=x/' })).toMatchObject({
      code: 'invalid-option',
    });
  });

  it('returns the first socket if none answers', async () => {
    expect(await resolveEndpoint(home(), {}, [nobody, socket('other.sock')])).toMatchObject(nobody);
  });
});

describe('usualSockets', () => {
  const urls = async (env: Record<string, string>) => (await usualSockets(env)).map(({ url }) => url);

  it('lists the default first and leaves out places in folders that are not set', async () => {
    expect(await urls({})).toEqual(['unix:///var/run/docker.sock', 'unix:///run/podman/podman.sock']);
    expect(await urls({ HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/1000' })).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///home/me/.docker/run/docker.sock',
      'unix:///home/me/.docker/desktop/docker.sock',
      'unix:///home/me/.orbstack/run/docker.sock',
      'unix:///home/me/.colima/default/docker.sock',
      'unix:///home/me/.config/colima/default/docker.sock',
      'unix:///home/me/.rd/docker.sock',
      'unix:///run/user/1000/docker.sock',
      'unix:///run/user/1000/podman/podman.sock',
      'unix:///run/podman/podman.sock',
      'unix:///home/me/.local/share/containers/podman/machine/podman.sock',
    ]);
  });

  it('lists a socket for each profile of Colima, wherever that keeps them, and each machine of Podman', async () => {
    for (const name of ['.colima/work', '.colima/_lima', 'elsewhere/default', 'elsewhere/big'])
      await mkdir(join(folder, name), { recursive: true });
    await mkdir(join(folder, '.local/share/containers/podman/machine/qemu'), { recursive: true });
    const colimas = async (env: object) =>
      (await usualSockets({ HOME: folder, ...env }))
        .filter(({ from }) => /Colima/.test(from))
        .map(({ url, from }) => `${url.replace(`unix://${folder}/`, '')} ${from}`);
    expect(await colimas({})).toEqual([
      '.colima/default/docker.sock Colima',
      '.colima/work/docker.sock Colima, profile work',
      '.config/colima/default/docker.sock Colima',
    ]);
    expect(await colimas({ COLIMA_HOME: join(folder, 'elsewhere') })).toEqual([
      'elsewhere/default/docker.sock Colima',
      'elsewhere/big/docker.sock Colima, profile big',
    ]);
    expect(await usualSockets({ HOME: folder })).toContainEqual({
      url: `unix://${folder}/.local/share/containers/podman/machine/qemu/podman.sock`,
      from: 'Podman machine qemu',
    });
  });
});

describe('askAll', () => {
  it('tells an engine from a socket that is not there, one that was left behind, and something else', async () => {
    await listen(join(folder, 'web.sock'), { status: 404 });
    await listen(join(folder, 'left.sock'));
    const left = servers.pop();
    await rename(join(folder, 'left.sock'), join(folder, 'kept.sock'));
    left?.close();
    const asked = await askAll([await engineAt('a.sock'), nobody, socket('kept.sock'), socket('web.sock')]);
    expect(asked.map(({ reply }) => reply)).toEqual(['answers', 'absent', 'refuses', 'odd']);
  });
});

describe('pingEndpoint', () => {
  it('is true for an engine behind a unix socket and behind a tcp port', async () => {
    expect(await pingEndpoint(await engineAt('docker.sock'), 30_000)).toBe(true);
    const { port } = (await listen(0)).address() as AddressInfo;
    expect(await pingEndpoint({ url: `tcp://127.0.0.1:${port}`, from: 'DOCKER_HOST' }, 30_000)).toBe(true);
  });

  it('is false where nobody listens, something else answers, nothing comes in time, or the url is of another kind', async () => {
    expect(await pingEndpoint(nobody, 2000)).toBe(false);
    expect(await pingEndpoint(await engineAt('slow.sock', 5000), 30)).toBe(false);
    await listen(join(folder, 'web.sock'), { status: 404 });
    expect(await pingEndpoint(socket('web.sock'), 2000)).toBe(false);
    expect(await pingEndpoint({ url: 'ssh://me@build.local', from: 'DOCKER_HOST' }, 2000)).toBe(false);
    expect(await pingEndpoint({ url: 'tcp://', from: 'DOCKER_HOST' }, 2000)).toBe(false);
  });
});

async function problemOf(env: Variables, options: EngineOptions = {}): Promise<Problem> {
  const error = await resolveEndpoint(env, options).then(
    () => new Error('it was resolved'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProblemsError) || error.problems[0] === undefined) throw error;
  return error.problems[0];
}

const nobody: Endpoint = { url: 'unix:///nowhere/docker.sock', from: 'default socket' };

function home(): { HOME: string } {
  return { HOME: folder };
}

function socket(name: string): Endpoint {
  return { url: `unix://${join(folder, name)}`, from: name };
}

async function engineAt(name: string, delayMs = 0): Promise<Endpoint> {
  await listen(join(folder, name), { delayMs });
  return socket(name);
}

async function listen(at: string | number, { status = 200, delayMs = 0 } = {}): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    setTimeout(() => {
      response.statusCode = request.url === '/_ping' ? status : 500;
      response.end('OK');
    }, delayMs);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    if (typeof at === 'number') server.listen(at, '127.0.0.1', resolve);
    else server.listen(at, resolve);
  });
  return server;
}

async function writeConfig(config: object): Promise<void> {
  await write(join(folder, '.docker/config.json'), config);
}

async function writeContext(name: string, host: string): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
  await write(join(folder, '.docker/contexts/meta', id, 'meta.json'), meta);
}

async function write(file: string, content: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(content));
}
