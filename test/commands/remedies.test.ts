import os from 'node:os';
import { expect, test, vi } from 'vitest';
import { remediesFor } from '../../src/commands/remedies.ts';
import { distributionsIn, surveyHost } from '../../src/machine/host.ts';
import { commandLine } from '../../src/model/command-line.ts';
import type { EngineFacts, MachineFacts } from '../../src/model/facts.ts';
import type { Host } from '../../src/model/remedy.ts';

const host: Host = {
  platform: 'linux',
  distributions: ['debian'],
  isWsl: false,
  isRoot: true,
  user: 'root',
  init: 'systemd',
  programs: new Set(['apt-get', 'sudo']),
};
const machine: MachineFacts = { nodeVersion: '24.0.0', lockFolder: { path: '/tmp/stack-0' } };
const problem = { code: 'engine-unreachable', severity: 'error', message: 'no' } as const;
const engineAt = (
  errno: string,
  from = 'default socket',
  url = 'unix:///var/run/docker.sock',
): EngineFacts => ({
  url,
  from,
  answer: { problem, errno },
});

/** Each command as one types it; of what no command can do, what a person is told. */
function told(
  changes: Partial<Host>,
  { engine = engineAt('ENOENT'), mayAsk = true, others = [] as { url: string; from: string }[] } = {},
): readonly string[] {
  const remedies = remediesFor({ engine, others, machine }, { ...host, ...changes }, mayAsk);
  return remedies.flatMap(({ id, commands, note = '' }) =>
    commands.length > 0 ? commands.map((command) => `${id}: ${commandLine(command)}`) : [`${id}: (${note})`],
  );
}

const ubuntu = { distributions: ['ubuntu', 'debian'], isRoot: false, user: 'me' };

test.each<[string, Partial<Host>, readonly string[]]>([
  [
    'Debian',
    {},
    [
      'install-engine: apt-get update',
      'install-engine: env DEBIAN_FRONTEND=noninteractive apt-get install --yes docker.io',
    ],
  ],
  [
    'Ubuntu, with sudo',
    ubuntu,
    [
      'install-engine: sudo apt-get update',
      'install-engine: sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes docker.io',
    ],
  ],
  [
    'Ubuntu, without sudo',
    { ...ubuntu, programs: new Set(['apt-get']) },
    [
      'install-engine: (me is not root, and there is no sudo; as root: apt-get update && env DEBIAN_FRONTEND=noninteractive apt-get install --yes docker.io)',
    ],
  ],
  [
    'Fedora',
    { distributions: ['fedora'], programs: new Set(['dnf']) },
    ['install-engine: dnf install --assumeyes moby-engine'],
  ],
  [
    'what is made from Fedora and has other packages',
    { distributions: ['rhel', 'fedora'], programs: new Set(['dnf']) },
    [
      'install-engine: (see https://docs.docker.com/engine/install/, or name an engine elsewhere: export DOCKER_HOST=ssh://USER@HOST)',
    ],
  ],
  [
    'Arch',
    { distributions: ['manjaro', 'arch'], programs: new Set(['pacman']) },
    ['install-engine: pacman --sync --needed --noconfirm docker'],
  ],
  ['Alpine', { distributions: ['alpine'], programs: new Set(['apk']) }, ['install-engine: apk add docker']],
  [
    'a Mac with Homebrew',
    { platform: 'darwin', distributions: [], isRoot: false, programs: new Set(['brew', 'sudo']) },
    ['install-engine: brew install colima docker', 'install-engine: colima start'],
  ],
  [
    'a Mac with Colima',
    { platform: 'darwin', distributions: [], isRoot: false, programs: new Set(['brew', 'colima', 'sudo']) },
    ['start-engine: colima start'],
  ],
  [
    'a Mac without Homebrew',
    { platform: 'darwin', distributions: [], isRoot: false, programs: new Set() },
    ['install-engine: (install Homebrew from https://brew.sh, or Docker Desktop, and run this again)'],
  ],
  [
    'Windows',
    { platform: 'win32', distributions: [], isRoot: false, programs: new Set() },
    ['install-engine: (install Docker Desktop: winget install -e --id Docker.DockerDesktop; then start it)'],
  ],
  [
    'Linux inside of Windows',
    { isWsl: true },
    [
      'install-engine: (install Docker Desktop: winget install -e --id Docker.DockerDesktop, in Windows; then switch on this distribution in its settings, Resources → WSL integration)',
    ],
  ],
])('an engine is installed by the means of the machine: %s', (_, changes, expected) => {
  expect(told(changes)).toEqual(expected);
});

test.each<[Host['init'], readonly string[]]>([
  ['systemd', ['start-engine: systemctl enable --now docker']],
  ['openrc', ['start-engine: rc-update add docker default', 'start-engine: rc-service docker start']],
  ['sysv', ['start-engine: service docker start']],
  ['none', ["start-engine: sh -c 'setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &'"]],
])('one that is there is started: %s', (init, expected) => {
  const there = { init, programs: new Set(['apt-get', 'dockerd']) };
  expect(told(there, { engine: engineAt('ECONNREFUSED') })).toEqual(expected);
});

test('who may not use an engine joins its group; nobody is kept waiting for a password that cannot be typed', () => {
  const engine = engineAt('EACCES');
  expect(told(ubuntu, { engine })).toEqual(['join-group: sudo usermod --append --groups docker me']);
  expect(told(ubuntu, { engine, mayAsk: false })).toEqual([
    'join-group: sudo -n usermod --append --groups docker me',
  ]);
  const alpine = { ...ubuntu, distributions: ['alpine'] };
  expect(told(alpine, { engine })).toEqual(['join-group: sudo addgroup me docker']);
});

test('what someone has named, what answers and what is odd is left alone', () => {
  expect(told({}, { engine: engineAt('ENOENT', 'DOCKER_HOST', 'unix:///srv/docker.sock') })).toEqual([]);
  expect(told({}, { engine: engineAt('ECONNREFUSED', 'DOCKER_HOST', 'tcp://build:2375') })).toEqual([]);
  expect(told({}, { engine: engineAt('ETIMEDOUT') })).toEqual([]);
  expect(told({}, { others: [{ url: 'unix:///a.sock', from: 'Colima' }] })).toEqual([]);
});

test('limits of watched files are raised for now and for later, where they are low', () => {
  const about = {} as never;
  const engine: EngineFacts = { url: '', from: '', answer: { about } };
  const low = { ...machine, inotify: { watches: 8192, instances: 128 } };
  const [remedy] = remediesFor({ engine, others: [], machine: low }, host, true);
  expect(remedy?.commands.map(commandLine)).toEqual([
    'sysctl -w fs.inotify.max_user_watches=524288',
    "sh -c 'mkdir -p /etc/sysctl.d && printf '\\''%s\\n'\\'' fs.inotify.max_user_watches=524288 >> /etc/sysctl.d/60-stack-inotify.conf'",
  ]);
  const me = { ...host, isRoot: false, user: 'me', programs: new Set<string>() };
  expect(remediesFor({ engine, others: [], machine: low }, me, true)[0]?.note).toBe(
    "me is not root, and there is no sudo; as root: sysctl -w fs.inotify.max_user_watches=524288 && sh -c 'mkdir -p /etc/sysctl.d && printf '\\''%s\\n'\\'' fs.inotify.max_user_watches=524288 >> /etc/sysctl.d/60-stack-inotify.conf'",
  );
  const enough = { ...machine, inotify: { watches: 524_288, instances: 512 } };
  expect(remediesFor({ engine, others: [], machine: enough }, host, true)).toEqual([]);
});

test('distributions introduce themselves', () => {
  expect(distributionsIn('NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n')).toEqual([
    'linuxmint',
    'ubuntu',
    'debian',
  ]);
  expect(distributionsIn('')).toEqual([]);
});

test('a user whom the machine has no name for is told by what there is', async () => {
  const nameless = vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  });
  try {
    expect(await surveyHost('', 1234)).toMatchObject({ user: '1234', isRoot: false });
  } finally {
    nameless.mockRestore();
  }
});
