import type { AboutEngine, Facts, Finding } from '../model/facts.ts';
import type { Outcome } from './outcome.ts';
import { lowLimits } from './remedies.ts';

/** How each thing that was found out is, and what mends it; fails if no engine can be used, or the stack cannot come up. */
export function doctor(facts: Facts): Outcome & { readonly findings: readonly Finding[] } {
  const findings = checks.flatMap((check) => check(facts));
  const isStopped = facts.stack?.problems.some(({ severity }) => severity === 'error') === true;
  return { exitCode: 'about' in facts.engine.answer && !isStopped ? 0 : 1, problems: [], findings };
}

type Check = (facts: Facts) => readonly Finding[];

/** In the order in which they are told. Each looks at facts alone, so it can be tried with any. */
const checks: readonly Check[] = [
  engine,
  ofEngine(platform),
  ofEngine(builder),
  ofEngine(abilities),
  ofEngine(clock),
  ofEngine(disk),
  ofEngine(complaints),
  others,
  contexts,
  plugins,
  credentials,
  inotify,
  lock,
  node,
  stack,
];

function ofEngine(check: (about: AboutEngine) => readonly Finding[]): Check {
  return ({ engine: { answer } }) => ('about' in answer ? check(answer.about) : []);
}

function engine({ engine: { url, from, answer } }: Facts): readonly Finding[] {
  if ('problem' in answer) {
    const { code, message, hint, cause } = answer.problem;
    return [
      {
        check: 'engine',
        state: 'problem',
        code,
        message,
        ...(hint === undefined ? {} : { hint: hint.replace(ownHint, '') }),
        ...(cause === undefined ? {} : { cause }),
      },
    ];
  }
  const { name, apiVersion } = answer.about;
  return [{ check: 'engine', state: 'ok', message: `${name}, API ${apiVersion}, at ${url} (${from})` }];
}

/** Where the answer stands that a hint of others promises. */
const ownHint = ': `stack doctor` shows which answer';

function platform(about: AboutEngine): readonly Finding[] {
  const { os, architecture, system, storageDriver, cgroupVersion, isRootless } = about;
  const words = [
    `${os}/${architecture}`,
    ...(system ? [system] : []),
    ...(storageDriver ? [`storage ${storageDriver}`] : []),
    ...(cgroupVersion ? [`cgroup v${cgroupVersion}`] : []),
    ...(isRootless ? ['rootless'] : []),
  ];
  const told: Finding = { check: 'platform', state: 'ok', message: words.join(', ') };
  if (!isRootless || cgroupVersion !== '1') return [told];
  return [
    {
      ...told,
      state: 'warning',
      message: `${told.message}: limits of memory and processors have no effect`,
      hint: 'boot the machine with cgroup v2: systemd.unified_cgroup_hierarchy=1 as a parameter of the kernel',
    },
  ];
}

function builder({ hasBuildKit, isPodman }: AboutEngine): readonly Finding[] {
  if (hasBuildKit) return [{ check: 'builder', state: 'ok', message: 'BuildKit is part of the engine' }];
  const why = isPodman ? 'Podman builds with Buildah' : 'the engine has no BuildKit';
  return [
    {
      check: 'builder',
      state: 'warning',
      message: `${why}: what a Dockerfile can only do with BuildKit fails`,
      hint: isPodman ? 'build such images with an engine of Docker' : 'update to Docker 23 or newer',
    },
  ];
}

/** What a stack file can ask for that not every engine gives, and the version of the API from which on it does. */
const since: readonly (readonly [version: string, key: string])[] = [
  ['1.43', 'annotations'],
  ['1.44', 'healthcheck.start_interval'],
  ['1.44', 'mac_address of a network'],
  ['1.45', 'subpath of a volume'],
  ['1.48', 'volumes of type image'],
  ['1.48', 'gw_priority of a network'],
  ['1.48', 'enable_ipv4 of a network'],
  ['1.49', 'interface_name of a network'],
];

function abilities({ apiVersion, isPodman }: AboutEngine): readonly Finding[] {
  const missing = since.filter(([version]) => isBefore(apiVersion, version)).map(([, key]) => key);
  const told: Finding[] =
    missing.length === 0
      ? [{ check: 'abilities', state: 'ok', message: 'the engine can do all that a stack file can ask for' }]
      : [
          {
            check: 'abilities',
            state: 'warning',
            message: `API ${apiVersion} does not know: ${missing.join(', ')}`,
            hint: isPodman
              ? 'do without these, or use an engine of Docker'
              : 'do without these, or update the engine',
          },
        ];
  if (!isPodman) return told;
  return [
    ...told,
    {
      check: 'health',
      state: 'warning',
      message: 'Podman runs healthchecks only where systemd runs; elsewhere `ps` says starting for ever',
      hint: '`depends_on` works all the same: stack runs the test of a healthcheck itself',
    },
    {
      check: 'followed-logs',
      state: 'warning',
      message:
        'Podman stops telling a log when the container ends: `up` and `logs -f` may miss the last lines',
      hint: '`logs` without -f shows all of them',
    },
  ];
}

function isBefore(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major === otherMajor ? minor < otherMinor : major < otherMajor;
}

/** The engine tells its time in whole seconds, and a while ago. */
const clockTolerance = 5;

function clock({ clockAhead }: AboutEngine): readonly Finding[] {
  if (clockAhead === undefined) return [];
  const seconds = Math.abs(Math.round(clockAhead));
  if (seconds <= clockTolerance)
    return [{ check: 'clock', state: 'ok', message: 'the clock of the engine is right' }];
  return [
    {
      check: 'clock',
      state: 'warning',
      message: `the clock of the engine is ${seconds} s ${clockAhead > 0 ? 'ahead' : 'behind'}: times in \`ps\` and \`logs --since\` are wrong`,
      hint: 'set the clocks by NTP; the virtual machine of an engine forgets its time when a laptop sleeps: restart it',
    },
  ];
}

const gigabyte = 1e9;

function disk({ disk: there }: AboutEngine): readonly Finding[] {
  if (there === undefined) return [];
  const { folder, free, size } = there;
  const message = `${(free / gigabyte).toFixed(1)} GB of ${(size / gigabyte).toFixed(1)} GB are free in ${folder}`;
  if (free > 5 * gigabyte) return [{ check: 'disk', state: 'ok', message }];
  return [
    {
      check: 'disk',
      state: free < gigabyte ? 'problem' : 'warning',
      message: `only ${message}`,
      hint: 'see what takes the room: docker system df; then docker image prune, docker builder prune',
    },
  ];
}

function complaints({ warnings }: AboutEngine): readonly Finding[] {
  return warnings.map((warning) => ({
    check: 'complaint',
    state: 'warning',
    message: `the engine says: ${warning.replace(/^(?:\[DEPRECATION NOTICE\]|WARNING):?\s*/i, '')}`,
  }));
}

function others({ others: found, engine: { answer } }: Facts): readonly Finding[] {
  const works = 'about' in answer;
  if (!works && found.length === 0) {
    return [
      { check: 'other-engine', state: 'warning', message: 'no other engine answers at the usual places' },
    ];
  }
  return found.map(({ url, from }) => ({
    check: 'other-engine',
    state: 'ok',
    message: `another engine answers at ${url} (${from})`,
    ...(works ? {} : { hint: `to use it: export DOCKER_HOST=${url}` }),
  }));
}

function contexts({ docker }: Facts): readonly Finding[] {
  if (docker.contexts.length === 0) return [];
  const names = ['default', ...docker.contexts].join(', ');
  return [{ check: 'contexts', state: 'ok', message: `contexts of the docker CLI: ${names}` }];
}

function plugins({ docker }: Facts): readonly Finding[] {
  return docker.plugins.map(({ name, version, file }) => ({
    check: `plugin-${name}`,
    state: 'ok',
    message: `docker ${name} is ${version || 'there'} (${file})`,
  }));
}

function credentials({ docker }: Facts): readonly Finding[] {
  return docker.credentialPrograms.map(({ name, isThere }): Finding => {
    if (isThere)
      return { check: 'credentials', state: 'ok', message: `${name} keeps passwords of registries` };
    return {
      check: 'credentials',
      state: 'problem',
      message: `${docker.folder}/config.json names ${name}, which is not there: private images cannot be pulled`,
      hint: `install it, or take credsStore and credHelpers out of that file and log in again: docker login`,
    };
  });
}

function inotify({ machine }: Facts): readonly Finding[] {
  if (machine.inotify === undefined) return [];
  const { watches, instances } = machine.inotify;
  const low = lowLimits(machine.inotify);
  const message = `${watches} folders can be watched, by ${instances} programs`;
  if (low.length === 0) return [{ check: 'inotify', state: 'ok', message }];
  return [
    {
      check: 'inotify',
      state: 'warning',
      message: `only ${message}: changes of files may not be seen`,
      hint: 'raise the limits: stack doctor --fix',
    },
  ];
}

function lock({ machine: { lockFolder } }: Facts): readonly Finding[] {
  const { path, problem } = lockFolder;
  if (problem === undefined)
    return [{ check: 'locks', state: 'ok', message: `locks of projects are kept in ${path}` }];
  return [
    {
      check: 'locks',
      state: 'warning',
      message: `${path} cannot be written: nothing keeps two commands from changing a project at once`,
      hint: 'let XDG_RUNTIME_DIR be a folder of your own',
      cause: problem,
    },
  ];
}

function stack({ stack: about }: Facts): readonly Finding[] {
  if (about === undefined) return [];
  const { name, problems } = about;
  if (problems.length === 0)
    return [{ check: 'stack', state: 'ok', message: `nothing is in the way of the stack ${name}` }];
  return problems.map(({ code, severity, message, hint, cause, location }) => ({
    check: 'stack',
    state: severity === 'error' ? 'problem' : 'warning',
    code,
    message,
    ...(location === undefined ? {} : { location }),
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  }));
}

function node({ machine: { nodeVersion } }: Facts): readonly Finding[] {
  return [{ check: 'node', state: 'ok', message: `Node.js ${nodeVersion}` }];
}
