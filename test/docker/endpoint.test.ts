import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Endpoint, pingEndpoint, resolveEndpoint, usualSockets } from '../../src/docker/endpoint.ts';

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
    expect(await resolveEndpoint(env)).toEqual({ url: 'tcp://build.local:2375', from: 'DOCKER_HOST' });
  });

  it('takes an empty variable for one that is not set', async () => {
    const env = { ...home(), DOCKER_HOST: '', DOCKER_CONTEXT: '' };
    expect(await resolveEndpoint(env, [nobody])).toEqual(nobody);
  });

  it('reads the host of the context named by DOCKER_CONTEXT', async () => {
    await writeContext('colima', 'unix:///home/me/.colima/default/docker.sock');
    expect(await resolveEndpoint({ ...home(), DOCKER_CONTEXT: 'colima' })).toEqual({
      url: 'unix:///home/me/.colima/default/docker.sock',
      from: 'context colima',
    });
  });

  it('reads the current context from config.json, in DOCKER_CONFIG where that is set', async () => {
    await writeConfig({ currentContext: 'remote' });
    await writeContext('remote', 'ssh://me@build.local');
    const found = { url: 'ssh://me@build.local', from: 'context remote' };
    expect(await resolveEndpoint(home())).toEqual(found);
    expect(await resolveEndpoint({ HOME: '/nowhere', DOCKER_CONFIG: join(folder, '.docker') })).toEqual(
      found,
    );
  });

  it('says which context does not exist and who named it', async () => {
    await expect(resolveEndpoint({ ...home(), DOCKER_CONTEXT: 'gone' })).rejects.toThrow(
      'The Docker context "gone", named by DOCKER_CONTEXT, does not exist.',
    );
    await writeConfig({ currentContext: 'lost' });
    await expect(resolveEndpoint(home())).rejects.toThrow(
      `The Docker context "lost", named by ${join(folder, '.docker/config.json')}, does not exist.`,
    );
  });

  it('says that a context has no Docker endpoint', async () => {
    await writeContext('kube', '');
    await expect(resolveEndpoint({ ...home(), DOCKER_CONTEXT: 'kube' })).rejects.toThrow(
      'has no Docker endpoint',
    );
  });

  it('asks the sockets for the context "default" and with a configuration that cannot be read', async () => {
    const answering = await engineAt('a.sock');
    await writeConfig({ currentContext: 'other' });
    expect(await resolveEndpoint({ ...home(), DOCKER_CONTEXT: 'default' }, [answering])).toBe(answering);
    await writeFile(join(folder, '.docker/config.json'), '{ "currentContext": ');
    expect(await resolveEndpoint(home(), [answering])).toBe(answering);
  });

  it('takes the first socket that answers, not the first that exists', async () => {
    const left = socket('left-behind');
    await writeFile(join(folder, 'left-behind'), '');
    const [first, second] = [await engineAt('first.sock', 20), await engineAt('second.sock')];
    expect(await resolveEndpoint(home(), [nobody, left, first, second])).toBe(first);
  });

  it('returns the first socket if none answers', async () => {
    expect(await resolveEndpoint(home(), [nobody, socket('other.sock')])).toBe(nobody);
  });
});

describe('usualSockets', () => {
  it('lists the default first and leaves out places in folders that are not set', () => {
    const urls = (env: Record<string, string>) => usualSockets(env).map(({ url }) => url);
    expect(urls({})).toEqual(['unix:///var/run/docker.sock', 'unix:///run/podman/podman.sock']);
    expect(urls({ HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/1000' })).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///home/me/.docker/run/docker.sock',
      'unix:///home/me/.docker/desktop/docker.sock',
      'unix:///home/me/.orbstack/run/docker.sock',
      'unix:///home/me/.colima/default/docker.sock',
      'unix:///home/me/.rd/docker.sock',
      'unix:///run/user/1000/docker.sock',
      'unix:///run/user/1000/podman/podman.sock',
      'unix:///run/podman/podman.sock',
    ]);
  });
});

describe('pingEndpoint', () => {
  it('is true for an engine behind a unix socket and behind a tcp port', async () => {
    expect(await pingEndpoint(await engineAt('docker.sock'), 2000)).toBe(true);
    const { port } = (await listen(0)).address() as AddressInfo;
    expect(await pingEndpoint({ url: `tcp://127.0.0.1:${port}`, from: 'DOCKER_HOST' }, 2000)).toBe(true);
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
