import { describe, expect, it } from 'vitest';
import { containerBody, endpointBody } from '../../src/docker/translate.ts';
import type { CreateContainer } from '../../src/model/plan.ts';
import type { Healthcheck, Mount, Port, Service } from '../../src/model/stack.ts';

type Body = Record<string, unknown> & { readonly HostConfig: Record<string, unknown> };

describe('containerBody', () => {
  it('leaves out all that the file does not say, so that the image decides', () => {
    expect(bodyOf({})).toEqual({
      Image: 'team/web:1',
      AttachStdout: true,
      AttachStderr: true,
      Labels: { 'com.docker.compose.service': 'web', 'com.docker.compose.image': 'sha256:1' },
      HostConfig: { NetworkMode: 'none' },
      NetworkingConfig: { EndpointsConfig: {} },
    });
  });

  it('puts the file’s variables above the injected ones, and unsets with null', () => {
    const environment = { DB_HOST: 'mine', EMPTY: '', HOME: null };
    const discovery = { DB_HOST: 'found', DB_PORT: '5432' };
    expect(bodyOf({ environment }, { discovery }).Env).toEqual([
      'DB_HOST=mine',
      'DB_PORT=5432',
      'EMPTY=',
      'HOME',
    ]);
  });

  it.each([
    [undefined, undefined],
    [[], []],
    [
      ['sh', '-c', 'true'],
      ['sh', '-c', 'true'],
    ],
  ])('keeps an empty command or entrypoint apart from none: %j', (words, sent) => {
    const body = bodyOf(words === undefined ? {} : { command: words, entrypoint: words });
    expect([body.Cmd, body.Entrypoint]).toEqual([sent, sent]);
  });

  it.each<[string | undefined, object | undefined]>([
    [undefined, undefined],
    ['no', { Name: 'no' }],
    ['unless-stopped', { Name: 'unless-stopped' }],
    ['on-failure', { Name: 'on-failure' }],
    ['on-failure:3', { Name: 'on-failure', MaximumRetryCount: 3 }],
  ])('gives the restart policy %s', (restart, policy) => {
    expect(bodyOf(restart === undefined ? {} : { restart }).HostConfig.RestartPolicy).toEqual(policy);
  });

  it.each([
    ['0s', 0],
    ['1m30s', 90],
    ['1500ms', 1],
  ])('gives %s for stopping in whole seconds', (stop_grace_period, seconds) => {
    expect(bodyOf({ stop_grace_period }).StopTimeout).toBe(seconds);
  });

  it.each<[Healthcheck, object | undefined]>([
    [
      {
        test: ['CMD-SHELL', 'true'],
        interval: '1m30s',
        timeout: '500ms',
        start_period: '0s',
        start_interval: '5s',
        retries: 3,
      },
      {
        Test: ['CMD-SHELL', 'true'],
        Interval: 90e9,
        Timeout: 5e8,
        StartPeriod: 0,
        StartInterval: 5e9,
        Retries: 3,
      },
    ],
    [{ retries: 5 }, { Retries: 5 }],
    [{ disable: true, test: ['CMD', 'true'] }, { Test: ['NONE'] }],
    [{ disable: false }, undefined],
  ])('gives the healthcheck %j', (healthcheck, sent) => {
    expect(bodyOf({ healthcheck }).Healthcheck).toEqual(sent);
  });
});

describe('ports', () => {
  it('are exposed, and bound where a host port or address is said', () => {
    const body = withPorts(
      [
        { target: 80, published: '8080', protocol: 'tcp' },
        { target: 80, published: '8081', host_ip: '127.0.0.1', protocol: 'tcp' },
        { target: 53, published: '5300-5310', protocol: 'udp' },
        { target: 9000, protocol: 'tcp' },
      ],
      ['7000', '7001/udp'],
    );
    expect(body.HostConfig.PortBindings).toEqual({
      '80/tcp': [
        { HostIp: '', HostPort: '8080' },
        { HostIp: '127.0.0.1', HostPort: '8081' },
      ],
      '53/udp': [{ HostIp: '', HostPort: '5300-5310' }],
      '9000/tcp': [{ HostIp: '', HostPort: '' }],
    });
    expect(Object.keys(body.ExposedPorts as object)).toEqual([
      '80/tcp',
      '53/udp',
      '9000/tcp',
      '7000/tcp',
      '7001/udp',
    ]);
  });

  function withPorts(ports: readonly Port[], expose: readonly string[]): Body {
    return bodyOf({ ports, expose });
  }
});

describe('mounts', () => {
  it.each<[string, Mount, { Binds?: string[]; Mounts?: object[] }]>([
    [
      'a bind that may create its folder',
      { type: 'bind', source: '/src', target: '/app', bind: { create_host_path: true } },
      { Binds: ['/src:/app:rw'] },
    ],
    [
      'such a bind with all its options',
      {
        type: 'bind',
        source: '/src',
        target: '/app',
        read_only: true,
        bind: { create_host_path: true, selinux: 'z', propagation: 'rshared' },
      },
      { Binds: ['/src:/app:ro,z,rshared'] },
    ],
    [
      'a bind whose folder has to be there',
      { type: 'bind', source: '/src', target: '/app', read_only: true, bind: { propagation: 'rslave' } },
      {
        Mounts: [
          {
            Type: 'bind',
            Source: '/src',
            Target: '/app',
            ReadOnly: true,
            BindOptions: { Propagation: 'rslave' },
          },
        ],
      },
    ],
    [
      'a named volume, by its name on the engine',
      { type: 'volume', source: 'data', target: '/data' },
      { Binds: ['shop_data:/data:rw'] },
    ],
    [
      'a named volume that is not to be filled',
      { type: 'volume', source: 'data', target: '/data', read_only: true, volume: { nocopy: true } },
      { Binds: ['shop_data:/data:ro,nocopy'] },
    ],
    [
      'an anonymous volume',
      { type: 'volume', target: '/cache' },
      { Mounts: [{ Type: 'volume', Target: '/cache' }] },
    ],
    [
      'a file system in memory',
      { type: 'tmpfs', target: '/run', tmpfs: { size: 1024, mode: 0o700 } },
      { Mounts: [{ Type: 'tmpfs', Target: '/run', TmpfsOptions: { SizeBytes: 1024, Mode: 0o700 } }] },
    ],
    [
      'a file system in memory without options',
      { type: 'tmpfs', target: '/run' },
      { Mounts: [{ Type: 'tmpfs', Target: '/run' }] },
    ],
  ])('%s', (_, mount, sent) => {
    const { Binds, Mounts } = bodyOf({ volumes: [mount] }, { volumes: { data: 'shop_data' } }).HostConfig;
    expect({ Binds, Mounts }).toEqual({ Binds: sent.Binds, Mounts: sent.Mounts });
  });

  it('take over the anonymous volumes of the container before, each as the file has it', () => {
    const volumes: Mount[] = [
      { type: 'volume', target: '/cache' },
      { type: 'volume', target: '/keys', read_only: true },
      { type: 'volume', target: '/new' },
    ];
    const inheritedVolumes = { '/cache': 'c0', '/keys': 'k0', '/of-the-image': 'i0' };
    expect(bodyOf({ volumes }, { inheritedVolumes }).HostConfig.Mounts).toEqual([
      { Type: 'volume', Target: '/new' },
      { Type: 'volume', Source: 'c0', Target: '/cache' },
      { Type: 'volume', Source: 'k0', Target: '/keys', ReadOnly: true },
      { Type: 'volume', Source: 'i0', Target: '/of-the-image' },
    ]);
  });

  it('in the short form of tmpfs keep their options', () => {
    expect(bodyOf({ tmpfs: ['/run', '/tmp:size=64m,mode=1777'] }).HostConfig.Tmpfs).toEqual({
      '/run': '',
      '/tmp': 'size=64m,mode=1777',
    });
  });
});

describe('networks', () => {
  const networks = [
    { key: 'front', name: 'shop_front', aliases: ['web', 'www'] },
    { key: 'back', name: 'shop_back', aliases: ['web'] },
  ];
  const service: Partial<Service> = {
    networks: { front: { ipv4_address: '10.0.0.7', ipv6_address: 'fd00::7' }, back: null },
  };

  it('are joined all at once where the engine can, the first as the primary one', () => {
    const body = bodyOf(service, { networks, links: ['db:database'] }, networks);
    expect(body.HostConfig.NetworkMode).toBe('shop_front');
    expect(body.NetworkingConfig).toEqual({
      EndpointsConfig: {
        shop_front: {
          Aliases: ['web', 'www'],
          Links: ['db:database'],
          IPAMConfig: { IPv4Address: '10.0.0.7', IPv6Address: 'fd00::7' },
        },
        shop_back: { Aliases: ['web'], Links: ['db:database'] },
      },
    });
  });

  it('are joined one by one where it cannot', () => {
    const body = bodyOf(service, { networks }, networks.slice(0, 1));
    expect(Object.keys((body.NetworkingConfig as { EndpointsConfig: object }).EndpointsConfig)).toEqual([
      'shop_front',
    ]);
    const [, back] = networks;
    expect(back && endpointBody(actionOf(service, { networks }), back)).toEqual({ Aliases: ['web'] });
  });

  it('may name their interface either way', () => {
    const option = 'com.docker.network.endpoint.ifname';
    const [front] = networks;
    for (const named of [{ driver_opts: { [option]: 'eth5' } }, { interface_name: 'eth5' }]) {
      const body =
        front && endpointBody(actionOf({ ...service, networks: { front: named } }, { networks }), front);
      expect(body?.DriverOpts).toEqual({ [option]: 'eth5' });
    }
  });

  it('are not those of the file with a network mode', () => {
    expect(bodyOf({ network_mode: 'host' }).HostConfig.NetworkMode).toBe('host');
  });
});

function bodyOf(
  service: Service,
  more: Partial<CreateContainer> = {},
  joined: CreateContainer['networks'] = [],
): Body {
  return containerBody(actionOf(service, more), 'sha256:1', joined) as Body;
}

function actionOf(service: Service, more: Partial<CreateContainer>): CreateContainer {
  return {
    kind: 'create-container',
    container: { service: 'web', number: 1, name: 'shop-web-1' },
    createAs: 'shop-web-1',
    image: 'team/web:1',
    service,
    discovery: {},
    labels: { 'com.docker.compose.service': 'web' },
    networks: [],
    links: [],
    volumes: {},
    volumesFrom: [],
    newcomers: [],
    files: [],
    inheritedVolumes: {},
    ...more,
  };
}
