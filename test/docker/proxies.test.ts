import { expect, test } from 'vitest';
import { proxyVariables, withProxies } from '../../src/docker/proxies.ts';

const config = {
  proxies: {
    default: { httpProxy: 'http://a:1', httpsProxy: '', noProxy: 'x,y', ftpProxy: 'f', allProxy: 'all' },
    'tcp://there:2375': { httpsProxy: 'http://b:2' },
  },
};

test('an engine has the proxies for its address, else those for all', () => {
  expect(proxyVariables(config, 'tcp://there:2375')).toEqual({
    HTTPS_PROXY: 'http://b:2',
    https_proxy: 'http://b:2',
  });
  expect(Object.entries(proxyVariables(config, 'unix:///run/x.sock')).map((pair) => pair.join('='))).toEqual([
    'HTTP_PROXY=http://a:1',
    'http_proxy=http://a:1',
    'NO_PROXY=x,y',
    'no_proxy=x,y',
    'FTP_PROXY=f',
    'ftp_proxy=f',
    'ALL_PROXY=all',
    'all_proxy=all',
  ]);
});

test.each([
  undefined,
  {},
  { proxies: null },
  { proxies: { default: 'x' } },
  { proxies: { default: { httpProxy: 1 } } },
])('of %j there are none', (nothing) => {
  expect(proxyVariables(nothing, 'unix:///run/x.sock')).toEqual({});
});

test('a container gets those that it does not set itself, each name for itself', () => {
  const proxies = { HTTP_PROXY: 'p', http_proxy: 'p', NO_PROXY: 'n' };
  expect(withProxies({ Env: ['HTTP_PROXY=own', 'NO_PROXY', 'A=b'] }, proxies)).toEqual({
    Env: ['HTTP_PROXY=own', 'NO_PROXY', 'A=b', 'http_proxy=p'],
  });
  expect(withProxies({ Image: 'x' }, { A: 'b' })).toEqual({ Image: 'x', Env: ['A=b'] });
  expect(withProxies({ Image: 'x' })).toEqual({ Image: 'x' });
});
