import http from 'node:http';
import { expect, test } from 'vitest';
import { failing } from '../../src/registry/failure.ts';
import { areProxiesIgnored, takeProxies } from '../../src/registry/proxies.ts';

test('a Node.js that cannot go through proxies is told to be why a registry is not reached', () => {
  const hint = () =>
    failing('registry.example', 'shop', 'give out')('connect ECONNREFUSED').problems[0]?.hint;
  const own = http.setGlobalProxyFromEnv;
  Object.assign(http, { setGlobalProxyFromEnv: undefined });
  try {
    takeProxies({});
    expect(areProxiesIgnored()).toBe(false);
    expect(hint()).toBe('check its name and the network');
    takeProxies({ https_proxy: 'http://proxy.example:3128' });
    expect(areProxiesIgnored()).toBe(true);
    expect(hint()).toContain('Node.js 24.14');
  } finally {
    Object.assign(http, { setGlobalProxyFromEnv: own });
  }
});
