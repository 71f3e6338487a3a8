import http from 'node:http';
import https from 'node:https';

/** Registries of this machine are reached without a proxy, as by all tools of Docker. */
const never = ['localhost', '127.0.0.1', '::1'];

let ignored = false;

/** True if the environment names proxies that this Node.js cannot use. */
export function areProxiesIgnored(): boolean {
  return ignored;
}

/**
 * Lets `fetch` go through the proxies that HTTP_PROXY and HTTPS_PROXY name, but for those of NO_PROXY: Node.js does that
 * only if it is told to, and can be told since version 24.14. Other connections, such as those with the engine, are left
 * as they are.
 */
export function takeProxies(environment: Readonly<Record<string, string | undefined>>): void {
  const variable = (name: string): string | undefined => environment[name.toLowerCase()] || environment[name];
  const [plain, encrypted] = [variable('HTTP_PROXY'), variable('HTTPS_PROXY')];
  if (plain === undefined && encrypted === undefined) return;
  ignored = http.setGlobalProxyFromEnv === undefined;
  const agents = [http.globalAgent, https.globalAgent] as const;
  http.setGlobalProxyFromEnv?.({
    ...(plain === undefined ? {} : { HTTP_PROXY: plain }),
    ...(encrypted === undefined ? {} : { HTTPS_PROXY: encrypted }),
    NO_PROXY: [...never, variable('NO_PROXY')].filter(Boolean).join(','),
  });
  [http.globalAgent, https.globalAgent] = agents;
}
