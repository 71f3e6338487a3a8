import { type Fail, isRecord } from './failure.ts';

/** What a user is logged in with. */
export interface Login {
  readonly username?: string;
  readonly password?: string;
  /** A token by which a registry's own service gives out others. */
  readonly identitytoken?: string;
  /** A token for the registry itself. */
  readonly registrytoken?: string;
}

/** What a registry wants to be shown. */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads the challenges of a `WWW-Authenticate` header; of several schemes the one with tokens is taken. */
export function readChallenge(header: string | null): Challenge | undefined {
  const found = [
    ...(header ?? '').matchAll(
      /(?:^|,\s*)(basic|bearer)\s+((?:[^"]|"[^"]*")*?)(?=,\s*(?:basic|bearer)\s|$)/gi,
    ),
  ];
  const challenges = found.map(([, scheme = '', text = '']): Challenge => {
    const pairs = [...text.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]*))/g)];
    return {
      scheme: scheme.toLowerCase() === 'bearer' ? 'bearer' : 'basic',
      parameters: Object.fromEntries(
        pairs.map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? '']),
      ),
    };
  });
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges[0];
}

/**
 * The `Authorization` header that answers a challenge; `undefined` if there is nothing to be shown. `scopes` are what is
 * to be done: `repository:team/shop:pull`. Throws what `fail` makes of a token service that gives no token.
 */
export async function answerTo(
  { scheme, parameters }: Challenge,
  login: Login | undefined,
  scopes: readonly string[],
  signal: AbortSignal,
  fail: Fail,
): Promise<string | undefined> {
  if (scheme === 'basic') return basic(login);
  if (login?.registrytoken !== undefined) return `Bearer ${login.registrytoken}`;
  const { realm = '', service } = parameters;
  if (!URL.canParse(realm)) throw fail(`it names no service that gives out tokens: ${realm}`);
  const asked =
    login?.identitytoken === undefined
      ? tokenRequest(realm, service, login, scopes)
      : exchangeRequest(realm, service, login.identitytoken, scopes);
  const { url, ...request } = asked;
  const response = await fetch(url, { ...request, signal });
  const answer: unknown = await response.json().catch(() => undefined);
  const token = isRecord(answer) ? (answer.token ?? answer.access_token) : undefined;
  if (!response.ok || typeof token !== 'string') {
    throw fail(
      `${new URL(realm).host} gives no token: ${response.status} ${response.statusText}`.trim(),
      response.status,
    );
  }
  return `Bearer ${token}`;
}

function basic(login: Login | undefined): string | undefined {
  if (login?.username === undefined || login.password === undefined) return undefined;
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
}

interface TokenRequest extends RequestInit {
  readonly url: URL;
}

/** For a password, or for nothing. */
function tokenRequest(
  realm: string,
  service: string | undefined,
  login: Login | undefined,
  scopes: readonly string[],
): TokenRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const authorization = basic(login);
  if (authorization === undefined) return { url };
  url.searchParams.set('account', login?.username ?? '');
  return { url, headers: { Authorization: authorization } };
}

/** For a token that stands for a password. */
function exchangeRequest(
  realm: string,
  service: string | undefined,
  token: string,
  scopes: readonly string[],
): TokenRequest {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: 'stack',
    scope: scopes.join(' '),
    ...(service === undefined ? {} : { service }),
  });
  return { url: new URL(realm), method: 'POST', body };
}
