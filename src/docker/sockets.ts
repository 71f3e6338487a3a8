import { readdir } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { addressOf, defaultUrl } from './address.ts';
import type { Variables } from './contexts.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * What is behind an endpoint: an engine that `answers`; a socket that is `absent`, `refuses` (it was left behind by an
 * engine that does not run) or is `denied` to the user; something that accepts and stays `silent`, or is `odd`.
 */
export type Reply = 'answers' | 'absent' | 'refuses' | 'denied' | 'silent' | 'odd';

/** An endpoint that was asked, and what came back. */
export interface Asked {
  readonly endpoint: Endpoint;
  readonly reply: Reply;
}

/**
 * The places where engines put their socket, the likeliest first: that order decides if several answer. Colima has a
 * folder for each of its profiles, Podman's virtual machines one each.
 */
export async function usualSockets(env: Variables): Promise<readonly Endpoint[]> {
  const { HOME: home, XDG_RUNTIME_DIR: runtime } = env;
  const [colima, podman] = await Promise.all([colimaSockets(env), podmanMachines(env)]);
  return [
    defaultEndpoint,
    ...under(home, '.docker/run/docker.sock', 'Docker Desktop'),
    ...under(home, '.docker/desktop/docker.sock', 'Docker Desktop'),
    ...under(home, '.orbstack/run/docker.sock', 'OrbStack'),
    ...colima,
    ...under(home, '.rd/docker.sock', 'Rancher Desktop'),
    ...under(runtime, 'docker.sock', 'rootless Docker'),
    ...under(runtime, 'podman/podman.sock', 'rootless Podman'),
    { url: 'unix:///run/podman/podman.sock', from: 'Podman' },
    ...podman,
  ];
}

function under(folder: string | undefined, path: string, from: string): readonly Endpoint[] {
  return folder ? [{ url: `unix://${join(folder, path)}`, from }] : [];
}

/** Colima's folder is that of its variable, else one of two, of which older versions know the first alone. */
async function colimaSockets({
  HOME: home,
  COLIMA_HOME,
  XDG_CONFIG_HOME,
}: Variables): Promise<readonly Endpoint[]> {
  const settings = XDG_CONFIG_HOME || (home && join(home, '.config'));
  const usual = [...(home ? [join(home, '.colima')] : []), ...(settings ? [join(settings, 'colima')] : [])];
  const sockets = (COLIMA_HOME ? [COLIMA_HOME] : usual).map(async (folder) => {
    const others = (await foldersIn(folder)).filter((name) => name !== 'default' && !name.startsWith('_'));
    return [
      ...under(folder, 'default/docker.sock', 'Colima'),
      ...others.flatMap((name) => under(folder, join(name, 'docker.sock'), `Colima, profile ${name}`)),
    ];
  });
  return (await Promise.all(sockets)).flat();
}

async function podmanMachines({ HOME: home }: Variables): Promise<readonly Endpoint[]> {
  if (!home) return [];
  const folder = join(home, '.local/share/containers/podman/machine');
  const machines = await foldersIn(folder);
  return [
    ...under(folder, 'podman.sock', 'Podman machine'),
    ...machines.flatMap((name) => under(folder, join(name, 'podman.sock'), `Podman machine ${name}`)),
  ];
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export const defaultEndpoint: Endpoint = { url: defaultUrl, from: 'default socket' };

/** How long a socket of this machine has for its first word. */
const patience = 2000;

/**
 * The endpoint to use of several: the first of the list behind which an engine answers. A file alone proves nothing, Docker
 * Desktop and Colima leave theirs behind when they quit. If none answers, one that shows that an engine was meant to be
 * there, so that what is told about it is what has to be mended. All are asked at once.
 */
export async function firstAnswering(endpoints: readonly Endpoint[]): Promise<Endpoint> {
  const asking = endpoints.map((endpoint) => ask(endpoint, patience));
  // The first of the list that answers is known as soon as those before it have failed.
  for (const [index, reply] of asking.entries())
    if ((await reply) === 'answers') return endpoints[index] ?? defaultEndpoint;
  const replies = await Promise.all(asking);
  const places = (['denied', 'silent', 'refuses', 'odd'] as const).map((wanted) => replies.indexOf(wanted));
  const hopeful = places.find((place) => place >= 0) ?? 0;
  return endpoints[hopeful] ?? defaultEndpoint;
}

/** Asks all at once what is behind them. */
export function askAll(endpoints: readonly Endpoint[]): Promise<readonly Asked[]> {
  return Promise.all(endpoints.map(async (endpoint) => ({ endpoint, reply: await ask(endpoint, patience) })));
}

/** Whether an engine answers at an endpoint within the time given; one behind ssh:// is not asked. Never throws. */
export async function pingEndpoint(endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  return (await ask(endpoint, timeoutMs)) === 'answers';
}

function ask(endpoint: Endpoint, timeoutMs: number): Promise<Reply> {
  const address = addressOf(endpoint);
  if (address === undefined) return Promise.resolve('odd');
  const { protocol, ...place } = address;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { ...place, ...endpoint.tls, path: '/_ping', agent: false, signal };
    const request = (protocol === 'https' ? https : http).get(options, ({ statusCode }) => {
      request.destroy();
      resolve(statusCode === 200 ? 'answers' : 'odd');
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(replyOf(error)));
  });
}

function replyOf({ code }: NodeJS.ErrnoException): Reply {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
  if (code === 'ECONNREFUSED') return 'refuses';
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  return code === 'ABORT_ERR' || code === 'ETIMEDOUT' ? 'silent' : 'odd';
}
