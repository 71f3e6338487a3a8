import { expect, test } from 'vitest';
import { doctor } from '../../src/commands/doctor.ts';
import type { AboutEngine, DockerFacts, Facts, MachineFacts } from '../../src/model/facts.ts';

const about: AboutEngine = {
  name: 'Docker Engine 28.5.2',
  isPodman: false,
  apiVersion: '1.51',
  os: 'linux',
  architecture: 'amd64',
  system: 'Debian',
  storageDriver: 'overlay2',
  cgroupVersion: '2',
  isRootless: false,
  hasBuildKit: true,
  clockAhead: 0.4,
  disk: { folder: '/var/lib/docker', free: 50e9, size: 100e9 },
  warnings: [],
};
const docker: DockerFacts = { folder: '/home/me/.docker', contexts: [], credentialPrograms: [], plugins: [] };
const machine: MachineFacts = {
  nodeVersion: '24.0.0',
  lockFolder: { path: '/run/user/1/stack-1' },
  inotify: { watches: 524_288, instances: 128 },
};

function factsOf(changes: {
  about?: Partial<AboutEngine>;
  docker?: Partial<DockerFacts>;
  machine?: Partial<MachineFacts>;
  others?: Facts['others'];
}): Facts {
  return {
    engine: { url: 'unix:///a.sock', from: '--host', answer: { about: { ...about, ...changes.about } } },
    others: changes.others ?? [],
    docker: { ...docker, ...changes.docker },
    machine: { ...machine, ...changes.machine },
  };
}

test('a machine on which all is well', () => {
  const { exitCode, findings } = doctor(factsOf({}));
  expect(exitCode).toBe(0);
  expect(findings.map(({ check, state, message }) => `${check} ${state}: ${message}`)).toEqual([
    'engine ok: Docker Engine 28.5.2, API 1.51, at unix:///a.sock (--host)',
    'platform ok: linux/amd64, Debian, storage overlay2, cgroup v2',
    'builder ok: BuildKit is part of the engine',
    'abilities ok: the engine can do all that a stack file can ask for',
    'clock ok: the clock of the engine is right',
    'disk ok: 50.0 GB of 100.0 GB are free in /var/lib/docker',
    'inotify ok: 524288 folders can be watched, by 128 programs',
    'locks ok: locks of projects are kept in /run/user/1/stack-1',
    'node ok: Node.js 24.0.0',
  ]);
});

test('where no engine answers that is told, and not where to look for one', () => {
  const hint = 'start Docker, or set DOCKER_HOST to the engine you mean: `stack doctor` shows which answer';
  const problem = { code: 'engine-unreachable', severity: 'error', message: 'no', hint } as const;
  const { findings } = doctor({
    ...factsOf({}),
    engine: { url: 'unix:///a.sock', from: '--host', answer: { problem } },
  });
  expect(findings[0]?.hint).toBe('start Docker, or set DOCKER_HOST to the engine you mean');
  expect(findings[1]?.message).toBe('no other engine answers at the usual places');
});

test('an engine that cannot be reached is a problem with what mends it, and others are offered', () => {
  const problem = { code: 'engine-unreachable', severity: 'error', message: 'no', hint: 'start it' } as const;
  const { exitCode, findings } = doctor({
    ...factsOf({ others: [{ url: 'unix:///b.sock', from: 'Colima' }] }),
    engine: { url: 'unix:///a.sock', from: '--host', answer: { problem } },
  });
  expect(exitCode).toBe(1);
  expect(findings[0]).toEqual({
    check: 'engine',
    state: 'problem',
    code: 'engine-unreachable',
    message: 'no',
    hint: 'start it',
  });
  expect(findings[1]).toEqual({
    check: 'other-engine',
    state: 'ok',
    message: 'another engine answers at unix:///b.sock (Colima)',
    hint: 'to use it: export DOCKER_HOST=unix:///b.sock',
  });
});

test.each<[string, Parameters<typeof factsOf>[0], string, string, string]>([
  ['BuildKit', { about: { hasBuildKit: false } }, 'builder', 'warning', 'the engine has no BuildKit'],
  ['Podman', { about: { isPodman: true } }, 'health', 'warning', 'only where systemd runs'],
  [
    'API 1.44',
    { about: { apiVersion: '1.44' } },
    'abilities',
    'warning',
    'API 1.44 does not know: subpath of a volume, volumes of type image,',
  ],
  ['API 2.0', { about: { apiVersion: '2.0' } }, 'abilities', 'ok', 'all'],
  ['a clock ahead', { about: { clockAhead: 61.3 } }, 'clock', 'warning', 'is 61 s ahead'],
  ['a clock behind', { about: { clockAhead: -8 } }, 'clock', 'warning', 'is 8 s behind'],
  [
    'little room',
    { about: { disk: { folder: '/d', free: 2e9, size: 9e9 } } },
    'disk',
    'warning',
    'only 2.0 GB of 9.0 GB',
  ],
  ['no room', { about: { disk: { folder: '/d', free: 5e8, size: 9e9 } } }, 'disk', 'problem', 'only 0.5 GB'],
  [
    'old cgroups',
    { about: { isRootless: true, cgroupVersion: '1' } },
    'platform',
    'warning',
    'have no effect',
  ],
  [
    'an engine that complains',
    { about: { warnings: ['WARNING: No swap limit support'] } },
    'complaint',
    'warning',
    'the engine says: No swap limit support',
  ],
  [
    'a credentials program that is missing',
    { docker: { credentialPrograms: [{ name: 'docker-credential-x', isThere: false }] } },
    'credentials',
    'problem',
    '/home/me/.docker/config.json names docker-credential-x, which is not there',
  ],
  ['contexts', { docker: { contexts: ['colima'] } }, 'contexts', 'ok', 'default, colima'],
  [
    'few watches',
    { machine: { inotify: { watches: 8192, instances: 128 } } },
    'inotify',
    'warning',
    'only 8192 folders',
  ],
  [
    'no folder for locks',
    { machine: { lockFolder: { path: '/x', problem: 'EACCES' } } },
    'locks',
    'warning',
    '/x cannot be written',
  ],
])('%s', (_, changes, check, state, message) => {
  const { exitCode, findings } = doctor(factsOf(changes));
  expect(exitCode).toBe(0);
  const found = findings.filter((finding) => finding.check === check);
  expect(found).toEqual([expect.objectContaining({ state, message: expect.stringContaining(message) })]);
  expect(state !== 'ok' && check !== 'complaint').toBe(found[0]?.hint !== undefined);
});
