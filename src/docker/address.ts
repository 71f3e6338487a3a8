import { maskAddresses } from '../model/masking.ts';
import { nearest } from '../model/nearest.ts';
import { failure } from '../model/problem.ts';
import type { TlsMaterial } from './tls.ts';

/** What a connection is made to: a socket, or a host and its port. */
export interface Address {
  readonly protocol: 'http' | 'https';
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}

/** Where the socket of Docker is if no one says anything else. */
export const defaultUrl = 'unix:///var/run/docker.sock';

/** Where an engine is; `undefined` for one that is not connected to directly (ssh://), or no address at all. */
export function addressOf({
  url,
  tls,
}: {
  readonly url: string;
  readonly tls?: TlsMaterial;
}): Address | undefined {
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(url)?.[1];
  if (socketPath !== undefined) return { protocol: 'http', socketPath };
  const [, scheme, rest] = /^(tcp|https?):\/\/(.+)$/.exec(url) ?? [];
  if (rest === undefined || !URL.canParse(`tcp://${rest}`)) return undefined;
  const { hostname, port, pathname } = new URL(`tcp://${rest}`); // for http:// it would leave out the port 80
  if (hostname === '' || !['', '/'].includes(pathname)) return undefined;
  const encrypted = tls !== undefined || scheme === 'https';
  return {
    protocol: encrypted ? 'https' : 'http',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (encrypted ? 2376 : 2375) : Number(port),
  };
}

/**
 * An address as it was written, checked; without a scheme it is a TCP address, as for the docker CLI.
 *
 * @throws ProblemsError with `invalid-option` that names who said it.
 */
export function readUrl(text: string, said: string): string {
  const url = text.includes('://') ? text : `tcp://${text}`;
  if (url === 'unix://') return defaultUrl;
  if (isUsable(url)) return withoutPassword(url, said);
  const meant = guess(text);
  throw failure({
    code: 'invalid-option',
    message: `${said} is no address of a Docker Engine: ${maskAddresses(text)}`,
    hint:
      meant === undefined
        ? 'write it as unix:///path/to/docker.sock, tcp://host:2375 or ssh://user@host'
        : `did you mean ${meant}?`,
  });
}

/**
 * The address is told wherever the engine is spoken of. As with the docker CLI: the ssh program takes no password, and a
 * user of another connection means nothing to an engine.
 */
function withoutPassword(url: string, said: string): string {
  if (!url.startsWith('ssh://')) return url.replace(/^((?:tcp|https?):\/\/)[^/]*@/, '$1');
  if (new URL(url).password === '') return url;
  throw failure({
    code: 'invalid-option',
    message: `${said} has a password in the address of the Docker Engine, and ssh takes none from there`,
    hint: 'write it as ssh://user@host, and let ssh get in by a key: ssh-add or ssh-copy-id',
  });
}

function isUsable(url: string): boolean {
  if (addressOf({ url }) !== undefined) return true;
  if (!url.startsWith('ssh://') || !URL.canParse(url)) return false;
  // A program that is given it must not take it for an option.
  const { hostname, username, pathname } = new URL(url);
  const isName = hostname !== '' && !hostname.startsWith('-');
  return isName && decoded(username)?.startsWith('-') === false && decoded(pathname) !== undefined;
}

/** `undefined` for what no URL may have: a `%` that stands for no character. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What is meant by an address whose scheme is misspelt, or has lost its colon or its slashes. */
function guess(text: string): string | undefined {
  if (text.startsWith('/')) return `unix://${text}`;
  const [, word = '', rest = ''] = /^([a-z]+)(?::\/*|\/+)(.+)$/i.exec(text) ?? [];
  const scheme = nearest(word, ['unix', 'tcp', 'ssh', 'npipe', 'http', 'https']);
  const url = `${scheme}://${scheme === 'unix' ? '/' : ''}${rest}`;
  return scheme !== undefined && url !== text && isUsable(url) ? url : undefined;
}
