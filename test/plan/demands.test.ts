import { expect, test } from 'vitest';
import type { Service, Stack } from '../../src/model/stack.ts';
import { demandsOf, hostPathsOf } from '../../src/plan/demands.ts';
import { stackOf } from '../helpers/stack.ts';

const home = '/home/me';
const own = ['/states/stack', '/home/me/.cache/stack'];

function asked(
  service: Service,
  rest: Partial<Stack> = {},
  links: Record<string, string> = {},
  read: readonly string[] = [],
): string[] {
  const stack = stackOf({ web: service }, { directory: '/home/me/clone', ...rest });
  const leadsTo = new Map([...hostPathsOf(stack), ...read].map((path) => [path, links[path] ?? path]));
  return demandsOf(stack, read, { home, own, leadsTo }).map(
    ({ path, what }) => `${path.replace(/^services\.web\./, '')}: ${what}`,
  );
}

function mounting(source: string, readOnly = false): string[] {
  return asked({ volumes: [{ type: 'bind', source, target: '/x', read_only: readOnly }] });
}

test('what containers usually have is asked about by nobody', () => {
  expect(
    asked({
      image: 'web',
      privileged: false,
      network_mode: 'none',
      ipc: 'shareable',
      cap_add: ['NET_ADMIN', 'SYS_PTRACE'],
      security_opt: ['no-new-privileges:true', 'seccomp=./own.json', 'label=type:x'],
      devices: [
        { source: '/dev/net/tun', target: '/dev/net/tun' },
        { source: '/dev/dri', target: '/dev/dri' },
        { source: 'example.com/gpu=0', target: '' },
      ],
      volumes: [
        { type: 'volume', source: 'data', target: '/data' },
        { type: 'tmpfs', target: '/run' },
      ],
      build: { context: '/home/me/clone/web', dockerfile: 'Dockerfile' },
    }),
  ).toEqual([]);
});

test.each<[Service, string]>([
  [{ privileged: true }, 'privileged: privileged mode'],
  [{ network_mode: 'host' }, 'network_mode: the network of the host'],
  [{ pid: 'host' }, 'pid: the processes of the host'],
  [{ ipc: 'host' }, 'ipc: the shared memory of the host'],
  [{ userns_mode: 'host' }, 'userns_mode: the users of the host'],
  [{ uts: 'host' }, 'uts: the name of the host'],
  [{ cgroup: 'host' }, 'cgroup: the control groups of the host'],
  [
    { use_api_socket: true },
    'use_api_socket: control over the engine, and your logins of registries (use_api_socket)',
  ],
  [{ network_mode: 'container:portainer' }, 'network_mode: the network of container:portainer'],
  [{ pid: 'container:x' }, 'pid: the processes of container:x'],
  [{ ipc: 'container:x' }, 'ipc: the shared memory of container:x'],
  [{ pid: 'ns:/proc/1/ns/pid' }, 'pid: the processes of ns:/proc/1/ns/pid'],
  [
    { volumes_from: ['db', 'container:portainer:ro'] },
    'volumes_from[1]: all that container:portainer:ro mounts',
  ],
  [
    {
      develop: {
        watch: [
          { action: 'sync+exec', path: '.', target: '/x', exec: { command: ['id'], privileged: true } },
        ],
      },
    },
    'develop.watch[0].exec.privileged: a privileged hook',
  ],
  [{ security_opt: ['label=type:spc_t'] }, 'security_opt[0]: no confinement (label=type:spc_t)'],
  [{ security_opt: ['unmask=ALL'] }, 'security_opt[0]: no confinement (unmask=ALL)'],
  [{ devices: [{ source: 'dev/sda', target: '/dev/x' }] }, 'devices[0]: the device dev/sda'],
  [{ cap_add: ['NET_ADMIN', 'cap_sys_admin'] }, 'cap_add[1]: the capability SYS_ADMIN'],
  [{ cap_add: ['all'] }, 'cap_add[0]: all capabilities'],
  [{ security_opt: ['seccomp:unconfined'] }, 'security_opt[0]: no confinement (seccomp:unconfined)'],
  [{ security_opt: ['label=disable'] }, 'security_opt[0]: no confinement (label=disable)'],
  [{ devices: [{ source: '/dev/sda', target: '/dev/sda' }] }, 'devices[0]: the device /dev/sda'],
  [{ device_cgroup_rules: ['a *:* rwm'] }, 'device_cgroup_rules[0]: devices by the rule a *:* rwm'],
  [{ post_start: [{ command: ['x'], privileged: true }] }, 'post_start[0].privileged: a privileged hook'],
  [{ provider: { type: 'cloud' } }, 'provider.type: to run the program cloud on this machine'],
  [
    { 'x-stack': { sync_back: [{ path: '/a', target: '/home/me/other' }] } },
    'x-stack.sync_back[0].target: to write into /home/me/other',
  ],
  [
    { develop: { watch: [{ action: 'sync', path: '/home/me/.ssh', target: '/x' }] } },
    'develop.watch[0]: what is private at home (/home/me/.ssh)',
  ],
  [{ build: { context: '/home/me' } }, 'build.context: the home folder (/home/me) for its build'],
  [{ build: { context: '.', ssh: { default: null } } }, 'build.ssh: your SSH agent (default) for its build'],
  [{ build: { context: '.', privileged: true } }, 'build.privileged: privileged mode for its build'],
  [{ build: { context: '.', network: 'host' } }, 'build.network: the network of the host for its build'],
  [
    { build: { context: '.', entitlements: ['security.insecure'] } },
    'build.entitlements[0]: security.insecure for its build',
  ],
  [
    { build: { context: '.', additional_contexts: { keys: '/home/me/.ssh' } } },
    'build.additional_contexts.keys: what is private at home (/home/me/.ssh) for its build',
  ],
])('%j is asked about', (service, what) => {
  expect(asked(service)).toEqual([what]);
});

test('a network of the host by another way, and a bind mount by the options of a volume', () => {
  expect(
    asked({ networks: { outer: null } }, { networks: { outer: { name: 'host', external: true } } }),
  ).toEqual(['networks.outer: the network of the host']);
  const volumes = { data: { name: 'x', driver_opts: { type: 'none', o: 'bind', device: '/etc' } } };
  expect(asked({ volumes: [{ type: 'volume', source: 'data', target: '/x' }] }, { volumes })).toEqual([
    'volumes[0]: files of the system (/etc)',
  ]);
});

test('file systems that the driver of volumes is to mount, but for empty ones and those of other machines', () => {
  const ask = (driver_opts: Record<string, string>) =>
    asked(
      { volumes: [{ type: 'volume', source: 'data', target: '/x' }] },
      { volumes: { data: { name: 'x', driver_opts } } },
    );
  expect(ask({ type: 'ext4', device: '/dev/sda1' })).toEqual([
    'volumes[0]: the file system /dev/sda1 (ext4)',
  ]);
  expect(ask({ type: 'overlay', device: 'overlay', o: 'lowerdir=/root/.ssh:/etc' })).toEqual([
    'volumes[0]: the file system overlay (overlay)',
  ]);
  expect(ask({ type: 'devtmpfs' })).toEqual(['volumes[0]: the file system devtmpfs (devtmpfs)']);
  // The kernel then does not look at the type.
  expect(ask({ type: 'nfs', o: 'rw,bind', device: '/etc' })).toEqual([
    'volumes[0]: files of the system (/etc)',
  ]);
  expect(ask({ o: 'rbind,ro', device: 'etc' })).toEqual(['volumes[0]: files of the system (/etc)']);
  expect(ask({ type: 'tmpfs', device: 'tmpfs', o: 'size=10m' })).toEqual([]);
  expect(ask({ type: 'nfs', device: ':/data', o: 'addr=10.0.0.1,rw' })).toEqual([]);
  expect(ask({ type: 'cifs', device: '//server/share', o: 'username=me' })).toEqual([]);
});

test('a device is what its path leads to', () => {
  for (const source of ['/dev/dri/../sda', '/dev/snd/../mem'])
    expect(asked({ devices: [{ source, target: '/dev/x' }] })).toEqual([`devices[0]: the device ${source}`]);
  expect(asked({ devices: [{ source: '/dev/dri/card0', target: '/dev/x' }] })).toEqual([]);
});

test.each([
  ['/', 'all files of the machine (/)'],
  ['/home', 'the home folder (/home)'],
  ['/home/me', 'the home folder (/home/me)'],
  ['/root', 'the home folder (/root)'],
  ['/home/other', 'the home folder (/home/other)'],
  ['/home/me/.ssh', 'what is private at home (/home/me/.ssh)'],
  ['/home/me/.ssh/id_rsa', 'what is private at home (/home/me/.ssh/id_rsa)'],
  ['/home/me/.config', 'what is private at home (/home/me/.config)'],
  ['/root/.aws', 'what is private at home (/root/.aws)'],
  ['/var/run/docker.sock', 'control over the engine (/var/run/docker.sock)'],
  ['/run/user/1000/podman/podman.sock', 'control over the engine (/run/user/1000/podman/podman.sock)'],
  ['/etc/shadow', 'files of the system (/etc/shadow)'],
  ['/proc', 'files of the system (/proc)'],
  ['/var', 'files of the system (/var)'],
  ['/var/lib/docker/volumes', 'files of the system (/var/lib/docker/volumes)'],
  ['/usr/local/bin', 'files of the system (/usr/local/bin)'],
])('a mount of %s is asked about', (source, what) => {
  expect(mounting(source)).toEqual([`volumes[0]: ${what}`]);
});

test.each([
  '/home/me/clone',
  '/home/me/clone/.ssh',
  '/home/me/other',
  '/home/me/.cache/x',
  '/tmp/x',
  '/etc/localtime',
  '/srv/data',
  '/homes/x',
  '/etcetera',
])('a mount of %s is not', (source) => {
  expect(mounting(source)).toEqual([]);
});

test('what everyone may read is asked about only where it can be written', () => {
  for (const source of ['/etc/passwd', '/etc/ssl/certs', '/usr/share/fonts', '/sys/fs/cgroup']) {
    expect(mounting(source, true)).toEqual([]);
    expect(mounting(source)).toHaveLength(1);
  }
});

test('a link in the folder is what it leads to', () => {
  const source = '/home/me/clone/data';
  const volumes = [{ type: 'bind', source, target: '/x' }] as const;
  expect(asked({ volumes }, {}, { [source]: '/home/me/.ssh' })).toEqual([
    'volumes[0]: what is private at home (/home/me/.ssh) by the link /home/me/clone/data',
  ]);
  expect(asked({ volumes }, {}, { [source]: '/srv/data' })).toEqual([]);
  // The folder itself may have been reached by a link.
  const links = { '/home/me/clone': '/root/work', [source]: '/root/work/data' };
  expect(asked({ volumes }, {}, links)).toEqual([]);
});

test('what stack itself keeps, and what engines have at home', () => {
  for (const source of [
    '/states/stack/trust',
    '/states',
    '/home/me/.cache/stack/code',
    '/home/me/.local/state/stack',
    '/home/me/.colima/default',
    '/home/me/.local/bin',
  ])
    expect([source, mounting(source)]).toEqual([source, [`volumes[0]: what is private at home (${source})`]]);
  const copy = '/home/me/.cache/stack/git/0123';
  const volumes = [{ type: 'bind', source: `${copy}/data`, target: '/x' }] as const;
  expect(asked({ volumes }, { directory: copy })).toEqual([]);
});

test('a Dockerfile counts by where it is, however it is named', () => {
  const build = (dockerfile?: string) => ({
    build: { context: '/home/me/clone', ...(dockerfile !== undefined && { dockerfile }) },
  });
  const outside = '/home/me/clone/../.ssh/id_rsa';
  expect(asked(build('../.ssh/id_rsa'), {}, { [outside]: '/home/me/.ssh/id_rsa' })).toEqual([
    `build.dockerfile: what is private at home (/home/me/.ssh/id_rsa) by the link ${outside} for its build`,
  ]);
  const link = '/home/me/clone/Dockerfile';
  expect(asked(build(), {}, { [link]: '/home/me/.ssh/id_rsa' })).toHaveLength(1);
  const lower = '/home/me/clone/dockerfile';
  expect(asked(build(), {}, { [lower]: '/home/me/.ssh/id_rsa' })).toHaveLength(1);
  expect(asked(build('docker/web'))).toEqual([]);
});

test('what is written back goes nowhere private, also from a stack in the home folder', () => {
  const back = (target: string) => ({ 'x-stack': { sync_back: [{ path: '/a', target }] } });
  expect(asked(back('/home/me/.ssh'), { directory: home })).toEqual([
    'x-stack.sync_back[0].target: to write into /home/me/.ssh',
  ]);
  expect(asked(back('/home/me/notes'), { directory: home })).toEqual([]);
  expect(asked(back('/home/me/clone/locks'))).toEqual([]);
});

test('a stack in the home folder itself has no folder of its own', () => {
  const at = { directory: home };
  const volumes = (source: string) => [{ type: 'bind', source, target: '/x' }] as const;
  expect(asked({ volumes: volumes('/home/me') }, at)).toEqual(['volumes[0]: the home folder (/home/me)']);
  expect(asked({ volumes: volumes('/home/me/.aws') }, at)).toHaveLength(1);
  expect(asked({ volumes: volumes('/home/me/data') }, at)).toEqual([]);
});

test('files of secrets and configs are as mounts of them', () => {
  const secrets = {
    key: { name: 'key', file: '/home/me/.ssh/id_rsa' },
    own: { name: 'own', file: '/home/me/clone/x' },
  };
  const references = [{ source: 'own' }, { source: 'key' }];
  expect(asked({ secrets: references, build: { context: '.', secrets: references } }, { secrets })).toEqual([
    'secrets[1]: what is private at home (/home/me/.ssh/id_rsa)',
    'build.secrets[1]: what is private at home (/home/me/.ssh/id_rsa) for its build',
  ]);
});

test('variables of files that are private, whoever they are named by', () => {
  const dotenv = '/home/me/clone/.env';
  expect(
    asked({}, {}, { [dotenv]: '/home/me/.netrc' }, [dotenv, '/home/me/.aws/credentials', '/srv/env']),
  ).toEqual([
    ': variables of what is private at home (/home/me/.netrc) by the link /home/me/clone/.env',
    ': variables of what is private at home (/home/me/.aws/credentials)',
  ]);
});

test('who agrees to a folder being read has not agreed to it being written', () => {
  const [read] = asked({ volumes: [{ type: 'bind', source: '/etc', target: '/x', read_only: true }] });
  const [written] = asked({ volumes: [{ type: 'bind', source: '/etc', target: '/x' }] });
  expect(read).toMatch(/, read-only$/);
  expect(written).not.toBe(read);
});
