import { commandLine } from '../model/command-line.ts';
import type { EngineFacts, Facts } from '../model/facts.ts';
import type { Host, Remedy } from '../model/remedy.ts';

/**
 * What can be mended of what was found out, the most pressing first; each becomes needless once it has worked. A machine is
 * mended by its own means alone: the packages of its distribution, and what starts its services. `mayAsk`: someone can be
 * asked for a password.
 */
export function remediesFor(
  { engine, others, machine }: Pick<Facts, 'engine' | 'others' | 'machine'>,
  host: Host,
  mayAsk: boolean,
): readonly Remedy[] {
  const as = (...command: readonly string[]): readonly string[] => {
    if (host.isRoot) return command;
    return mayAsk ? ['sudo', ...command] : ['sudo', '-n', ...command];
  };
  const found = [
    ...engineRemedies(engine, others.length > 0, host, as),
    ...inotifyRemedies(machine.inotify, as),
  ];
  return found.map((remedy) => withoutSudo(remedy, host));
}

type As = (...command: readonly string[]) => readonly string[];

/** Who has to be root and cannot become it is told what root has to do. */
function withoutSudo(remedy: Remedy, { programs, user }: Host): Remedy {
  const needsSudo = remedy.commands.some(([program]) => program === 'sudo');
  if (!needsSudo || programs.has('sudo')) return remedy;
  const commands = remedy.commands.map((words) =>
    commandLine(words.filter((word) => word !== 'sudo' && word !== '-n')),
  );
  return {
    ...remedy,
    commands: [],
    note: `${user} is not root, and there is no sudo; as root: ${commands.join(' && ')}`,
  };
}

function engineRemedies(
  { url, from, answer }: EngineFacts,
  isElsewhere: boolean,
  host: Host,
  as: As,
): readonly Remedy[] {
  if ('about' in answer) return [];
  // An engine that someone has named is not to be replaced by another one, nor is one that answers.
  if (from !== 'default socket' && !isUsualSocket(url)) return [];
  if (answer.errno === 'EACCES') return host.platform === 'linux' ? [joinGroup(host, as)] : [];
  if (isElsewhere || !['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(answer.errno ?? '')) return [];
  return [engineRemedy(host, as)];
}

function isUsualSocket(url: string): boolean {
  return /^unix:\/\/\/(?:var\/)?run\/docker\.sock$/.test(url);
}

function engineRemedy(host: Host, as: As): Remedy {
  const { platform, isWsl, programs } = host;
  if (platform === 'darwin') return onMac(programs);
  if (platform === 'win32' || isWsl) return onWindows(isWsl);
  if (platform !== 'linux') return byHand('install', 'see https://docs.docker.com/engine/install/');
  return programs.has('dockerd') ? start(host, as) : install(host, as);
}

function byHand(verb: 'install' | 'start', note: string): Remedy {
  return { id: `${verb}-engine`, what: `${verb} an engine`, commands: [], note };
}

function onMac(programs: Host['programs']): Remedy {
  const what = 'in a virtual machine of Colima';
  if (programs.has('colima'))
    return { id: 'start-engine', what: `start an engine ${what}`, commands: [['colima', 'start']] };
  if (!programs.has('brew'))
    return byHand('install', 'install Homebrew from https://brew.sh, or Docker Desktop, and run this again');
  const commands = [
    ['brew', 'install', 'colima', 'docker'],
    ['colima', 'start'],
  ];
  return { id: 'install-engine', what: `install an engine ${what} with Homebrew, and start it`, commands };
}

function onWindows(isWsl: boolean): Remedy {
  const desktop = 'install Docker Desktop: winget install -e --id Docker.DockerDesktop';
  const linked = `${desktop}, in Windows; then switch on this distribution in its settings, Resources → WSL integration`;
  return byHand('install', isWsl ? linked : `${desktop}; then start it`);
}

/** By the name of a distribution, or of one that it is made from: what its engine is installed with. */
const packages: readonly {
  readonly distributions: readonly string[];
  readonly program: string;
  readonly commands: readonly (readonly string[])[];
}[] = [
  {
    distributions: ['debian', 'ubuntu'],
    program: 'apt-get',
    commands: [
      ['apt-get', 'update'],
      ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '--yes', 'docker.io'],
    ],
  },
  { distributions: ['fedora'], program: 'dnf', commands: [['dnf', 'install', '--assumeyes', 'moby-engine']] },
  {
    distributions: ['arch'],
    program: 'pacman',
    commands: [['pacman', '--sync', '--needed', '--noconfirm', 'docker']],
  },
  { distributions: ['alpine'], program: 'apk', commands: [['apk', 'add', 'docker']] },
];

function install({ distributions, programs }: Host, as: As): Remedy {
  // What is made from Fedora without being it does not have its packages.
  const [own = ''] = distributions;
  const known = packages.find(
    ({ distributions: names, program }) =>
      programs.has(program) &&
      (program === 'dnf' ? names.includes(own) : names.some((name) => distributions.includes(name))),
  );
  if (known === undefined) {
    return byHand(
      'install',
      'see https://docs.docker.com/engine/install/, or name an engine elsewhere: export DOCKER_HOST=ssh://USER@HOST',
    );
  }
  return {
    id: 'install-engine',
    what: `install the Docker Engine with ${known.program}`,
    commands: known.commands.map((command) => as(...command)),
    note: 'if that is not possible, name an engine elsewhere: export DOCKER_HOST=ssh://USER@HOST',
  };
}

function start({ init }: Host, as: As): Remedy {
  const commands: Readonly<Record<Host['init'], readonly (readonly string[])[]>> = {
    systemd: [['systemctl', 'enable', '--now', 'docker']],
    openrc: [
      ['rc-update', 'add', 'docker', 'default'],
      ['rc-service', 'docker', 'start'],
    ],
    sysv: [['service', 'docker', 'start']],
    // Nothing starts services here, as in a container.
    none: [['sh', '-c', 'setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &']],
  };
  return {
    id: 'start-engine',
    what: 'start the Docker Engine',
    commands: commands[init].map((command) => as(...command)),
    note: `what it says for itself: ${init === 'systemd' ? 'journalctl -u docker' : '/var/log/docker*.log'}`,
  };
}

function joinGroup({ user, distributions }: Host, as: As): Remedy {
  const command = distributions.includes('alpine')
    ? as('addgroup', user, 'docker')
    : as('usermod', '--append', '--groups', 'docker', user);
  return {
    id: 'join-group',
    what: `add ${user} to the group docker, whose members may do with this machine what root may`,
    commands: [command],
    note: 'then log in again: a group counts from the next login on',
  };
}

/** Enough for a watcher of several projects with their dependencies. */
const wanted = { max_user_watches: 524_288, max_user_instances: 512 };

function inotifyRemedies(inotify: Facts['machine']['inotify'], as: As): readonly Remedy[] {
  const low = lowLimits(inotify);
  if (low.length === 0) return [];
  const settings = low.map((name) => `fs.inotify.${name}=${wanted[name]}`);
  // What was raised before stays in it.
  const file = '/etc/sysctl.d/60-stack-inotify.conf';
  return [
    {
      id: 'raise-inotify',
      what: `raise the limits of watched files, now and in ${file}`,
      commands: [
        as('sysctl', '-w', ...settings),
        as('sh', '-c', `mkdir -p /etc/sysctl.d && printf '%s\\n' ${settings.join(' ')} >> ${file}`),
      ],
    },
  ];
}

/** Below this a watcher of a few projects with their dependencies comes to an end. */
const enough = { watches: 65_536, instances: 128 };

/** The limits of inotify that are too low, by the names of the kernel. */
export function lowLimits(inotify: Facts['machine']['inotify']): readonly (keyof typeof wanted)[] {
  if (inotify === undefined) return [];
  return [
    ...(inotify.watches < enough.watches ? (['max_user_watches'] as const) : []),
    ...(inotify.instances < enough.instances ? (['max_user_instances'] as const) : []),
  ];
}
