import { expect, test, vi } from 'vitest';
import { attributesOf, wantsHostGateway } from '../../../src/docker/build/attributes.ts';
import type { Build } from '../../../src/model/stack.ts';

const labels = { theirs: 'x' };

function attributes(build: Partial<Build>) {
  return attributesOf({
    kind: 'build-image',
    service: 'web',
    image: 'web',
    build: { context: '/web', ...build },
    labels,
  });
}

test('a build in the words of the Dockerfile frontend', () => {
  const { frontend, entitlements } = attributes({
    args: { A: '1', EMPTY: '' },
    labels: { own: 'y' },
    target: 'last',
    no_cache: true,
    pull: true,
    network: 'host',
    privileged: true,
    entitlements: ['network.host'],
    shm_size: 64,
    ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 3 },
    extra_hosts: ['one=192.0.2.1', 'six=[::1]'],
  });
  expect(frontend).toEqual({
    'build-arg:A': '1',
    'build-arg:EMPTY': '',
    'label:own': 'y',
    'label:theirs': 'x',
    target: 'last',
    'no-cache': '',
    'image-resolve-mode': 'pull',
    'force-network-mode': 'host',
    'shm-size': '64',
    ulimit: 'nofile=1:2,nproc=3:3',
    'add-hosts': 'one=192.0.2.1,six=::1',
  });
  expect(entitlements).toEqual(['network.host', 'security.insecure']);
});

test('the word for the address of this machine gives way to that', () => {
  const extra_hosts = ['host.docker.internal=host-gateway', 'host-gateway=192.0.2.1'];
  const build = { context: '/web', extra_hosts };
  const action = { kind: 'build-image', service: 'web', image: 'web', build, labels } as const;
  expect(wantsHostGateway(build)).toBe(true);
  expect(wantsHostGateway({ ...build, extra_hosts: extra_hosts.slice(1) })).toBe(false);
  expect(attributesOf(action, '192.0.2.7').frontend['add-hosts']).toBe(
    'host.docker.internal=192.0.2.7,host-gateway=192.0.2.1',
  );
});

test('only some stages anew', () => {
  expect(attributes({ no_cache_filter: ['a', 'b'] }).frontend['no-cache']).toBe('a,b');
  expect(attributes({ no_cache_filter: [] }).frontend).not.toHaveProperty('no-cache');
});

test('folders of further contexts never take the place of those of the build itself', () => {
  const { frontend, folders } = attributes({
    additional_contexts: { context: '/a', more: '/b', image: 'docker-image://alpine' },
  });
  expect(folders).toEqual({ _context: '/a', more: '/b' });
  expect(frontend).toMatchObject({
    'context:context': 'local:_context',
    'context:more': 'local:more',
    'context:image': 'docker-image://alpine',
  });
});

test('caches: a name alone is one of a registry', () => {
  const { cacheImports, cacheExports, frontend } = attributes({
    cache_from: ['team/app:cache', 'type=s3,name=a=b'],
    cache_to: ['type=inline'],
  });
  expect(cacheImports).toEqual([
    { type: 'registry', attributes: { ref: 'team/app:cache' } },
    { type: 's3', attributes: { name: 'a=b' } },
  ]);
  expect(cacheExports).toEqual([{ type: 'inline', attributes: {} }]);
  expect(JSON.parse(frontend['cache-imports'] ?? '')).toEqual([
    { Type: 'registry', Attrs: { ref: 'team/app:cache' } },
    { Type: 's3', Attrs: { name: 'a=b' } },
  ]);
});

test('caches of GitHub count where its actions run, and the argument for an inline one is heard', () => {
  const caches = { cache_from: ['type=gha,scope=a'], cache_to: ['type=gha'] };
  vi.stubEnv('ACTIONS_RUNTIME_TOKEN', '');
  expect(attributes(caches)).toMatchObject({ cacheImports: [], cacheExports: [] });
  vi.stubEnv('ACTIONS_RUNTIME_TOKEN', 'known');
  vi.stubEnv('ACTIONS_RESULTS_URL', 'https://results.example');
  expect(attributes(caches).cacheImports).toEqual([
    { type: 'gha', attributes: { token: 'known', url_v2: 'https://results.example', scope: 'a' } },
  ]);
  vi.unstubAllEnvs();
  const inline = (word: string) => attributes({ args: { BUILDKIT_INLINE_CACHE: word } }).cacheExports;
  expect(inline('1')).toEqual([{ type: 'inline', attributes: {} }]);
  expect(inline('no')).toEqual([]);
});

test('attestations are asked for unless they are switched off', () => {
  const { frontend } = attributes({ provenance: 'mode=max', sbom: 'false' });
  expect(frontend['attest:provenance']).toBe('mode=max');
  expect(frontend).not.toHaveProperty('attest:sbom');
  expect(attributes({ provenance: 'true' }).frontend['attest:provenance']).toBe('');
});
