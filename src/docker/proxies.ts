import type { StringMap } from '../model/stack.ts';

/** Variables that programs find their proxies by, by the names that the docker CLI's configuration has for them. */
const variables: StringMap = {
  httpProxy: 'HTTP_PROXY',
  httpsProxy: 'HTTPS_PROXY',
  noProxy: 'NO_PROXY',
  ftpProxy: 'FTP_PROXY',
  allProxy: 'ALL_PROXY',
};

/**
 * The variables that the docker CLI's configuration wants to be in all containers of an engine, in upper and in lower
 * case: those for its address, else those for all engines. `config` is the contents of `config.json`.
 */
export function proxyVariables(config: unknown, address: string): StringMap {
  const proxies = recordIn(config, 'proxies');
  const chosen = proxies[address] === undefined ? recordIn(proxies, 'default') : recordIn(proxies, address);
  const entries = Object.entries(variables).flatMap(([key, name]): [string, string][] => {
    const value = chosen[key];
    if (typeof value !== 'string' || value === '') return [];
    return [
      [name, value],
      [name.toLowerCase(), value],
    ];
  });
  return Object.fromEntries(entries);
}

/** A container as it is made, with the variables that its own do not set. */
export function withProxies<Body extends Readonly<Record<string, unknown>>>(
  body: Body,
  proxies: StringMap = {},
): Body {
  const own = (body.Env ?? []) as readonly string[];
  const names = new Set(own.map((entry) => entry.split('=', 1)[0]));
  const added = Object.entries(proxies).flatMap(([name, value]) =>
    names.has(name) ? [] : `${name}=${value}`,
  );
  return added.length === 0 ? body : { ...body, Env: [...own, ...added] };
}

function recordIn(value: unknown, key: string): Readonly<Record<string, unknown>> {
  const inner =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
}
