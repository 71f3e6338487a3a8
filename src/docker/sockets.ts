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
export type Reply =
  | { readonly state: 'answers'; readonly apiVersion?: string }
  | { readonly state: 'absent' | 'refuses' | 'denied' | 'silent' | 'odd'; readonly said: string };

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
  const { HOME: home, XDG_RUNTIME_DIR: runtime, COLIMA_HOME: colima, XDG_CONFIG_HOME: settings } = env;
  const under = (folder: string | undefined, path: string, from: string): Endpoint[] =>
    folder ? [{ url: `unix://${join(folder, path)}`, from }] : [];
  const profiles = async (folder: string | undefined): Promise<Endpoint[]> => {
    const names = folder ? await foldersIn(folder) : [];
    return ['default', ...names.filter((name) => !/^(?:default|_.*)$/.test(name))].flatMap((name) =>
      under(folder, join(name, 'docker.sock'), name === 'default' ? 'Colima' : `Colima, profile ${name}`),
    );
  };
  const machines = async (): Promise<Endpoint[]> => {
    const folder = home && join(home, '.local/share/containers/podman/machine');
    const names = folder ? await foldersIn(folder) : [];
    return [...under(folder, 'podman.sock', 'Podman machine')].concat(
      names.flatMap((name) => under(folder, join(name, 'podman.sock'), `Podman machine ${name}`)),
    );
  };
  const colimas = colima
    ? await profiles(colima)
    : (
        await Promise.all([
          profiles(home && join(home, '.colima')),
          profiles(
            settings || (home && join(home, '.config')) ? join(settings || `${home}/.config`, 'colima') : '',
          ),
        ])
      ).flat();
  return [
    defaultEndpoint,
    ...under(home, '.docker/run/docker.sock', 'Docker Desktop'),
    ...under(home, '.docker/desktop/docker.sock', 'Docker Desktop'),
    ...under(home, '.orbstack/run/docker.sock', 'OrbStack'),
    ...colimas,
    ...under(home, '.rd/docker.sock', 'Rancher Desktop'),
    ...under(runtime, 'docker.sock', 'rootless Docker'),
    ...under(runtime, 'podman/podman.sock', 'rootless Podman'),
    { url: 'unix:///run/podman/podman.sock', from: 'Podman' },
    ...(await machines()),
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
  const asked = endpoints.map((endpoint) => ({ endpoint, reply: ask(endpoint, patience) }));
  // The first of the list that answers is known as soon as those before it have failed.
  for (const { endpoint, reply } of asked) if ((await reply).state === 'answers') return endpoint;
  const replies = await Promise.all(
    asked.map(async ({ endpoint, reply }) => ({ endpoint, state: (await reply).state })),
  );
  const hopeful = (['denied', 'silent', 'refuses', 'odd'] as const).flatMap((wanted) =>
    replies.filter(({ state }) => state === wanted),
  );
  return hopeful[0]?.endpoint ?? endpoints[0] ?? defaultEndpoint;
}

/** Asks all at once what is behind them. */
export function askAll(endpoints: readonly Endpoint[]): Promise<readonly Asked[]> {
  return Promise.all(endpoints.map(async (endpoint) => ({ endpoint, reply: await ask(endpoint, patience) })));
}

/** Whether an engine answers at an endpoint within the time given; one behind ssh:// is not asked. Never throws. */
export async function pingEndpoint(endpoint: Endpoint, timeoutMs: number): Promise<boolean> {
  return (await ask(endpoint, timeoutMs)).state === 'answers';
}

function ask(endpoint: Endpoint, timeoutMs: number): Promise<Reply> {
  const address = addressOf(endpoint);
  if (address === undefined) return Promise.resolve({ state: 'odd', said: 'it is not asked directly' });
  const { protocol, ...place } = address;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { ...place, ...endpoint.tls, path: '/_ping', agent: false, signal };
    const request = (protocol === 'https' ? https : http).get(options, ({ statusCode, headers }) => {
      request.destroy();
      const version = headers['api-version'];
      if (statusCode !== 200) resolve({ state: 'odd', said: `it answers with ${statusCode}` });
      else resolve({ state: 'answers', ...(typeof version === 'string' ? { apiVersion: version } : {}) });
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ state: stateOf(error), said: error.message }),
    );
  });
}

function stateOf({ code }: NodeJS.ErrnoException): 'absent' | 'refuses' | 'denied' | 'silent' | 'odd' {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
  if (code === 'ECONNREFUSED') return 'refuses';
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  return code === 'ABORT_ERR' || code === 'ETIMEDOUT' ? 'silent' : 'odd';
}
