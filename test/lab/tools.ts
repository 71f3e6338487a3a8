import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianSuite, unpackedPackages } from './packages.ts';
import { isExecutable, systemPath, which } from './shell.ts';

/** An engine and its clients, unpacked in the cache. */
export interface Tools {
  readonly folder: string;
  /** A PATH on which all of them are found. */
  readonly path: string;
  /** A DOCKER_CONFIG folder: the plugins compose and buildx, nobody's credentials. */
  readonly dockerConfig: string;
  /** The real Docker Compose, where this engine's suite has it. */
  readonly compose?: string;
}

/** Gets the newest engine that Debian has, or the one of this Debian's own suite, which has no Compose of today. */
export async function installTools(engine: 'newest' | 'own'): Promise<Tools> {
  const suite = (await debianSuite()) as string;
  const folder = await unpackedPackages(
    'engine',
    engine === 'newest' ? newestEngine(suite) : ownEngine(suite),
  );
  const plugins = join(folder, 'usr/libexec/docker/cli-plugins');
  const dockerConfig = join(folder, 'config');
  await mkdir(dockerConfig, { recursive: true });
  await writeFile(join(dockerConfig, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [plugins] }));
  const compose = join(plugins, 'docker-compose');
  return {
    folder,
    path: [
      join(folder, 'usr/sbin'),
      join(folder, 'usr/bin'),
      systemPath,
      ...(await iptablesFolder(suite)),
    ].join(':'),
    dockerConfig,
    ...(isExecutable(compose) ? { compose } : {}),
  };
}

/** The newest suite's own runc wants a newer C library than this Debian may have. */
function newestEngine(suite: string): string[] {
  const newest = ['docker.io', 'docker-cli', 'containerd', 'tini-static', 'docker-compose', 'docker-buildx'];
  return [...newest.map((name) => `${name}/forky`), `runc/${suite}`];
}

function ownEngine(suite: string): string[] {
  return ['docker.io', 'containerd', 'runc', 'tini'].map((name) => `${name}/${suite}`);
}

/** Where the system has no iptables: a folder with one that finds its libraries beside it. */
async function iptablesFolder(suite: string): Promise<string[]> {
  if (which('iptables') !== undefined) return [];
  const names = [
    'iptables',
    'libxtables12',
    'libip4tc2',
    'libip6tc2',
    'libnftnl11',
    'libmnl0',
    'libnfnetlink0',
    'libnetfilter-conntrack3',
  ];
  const folder = await unpackedPackages(
    'iptables',
    names.map((name) => `${name}/${suite}`),
  );
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  for (const name of ['iptables', 'ip6tables']) {
    const lines = [
      '#!/bin/sh',
      `libraries=$(echo ${folder}/usr/lib/*-linux-gnu*)`,
      `LD_LIBRARY_PATH=$libraries XTABLES_LIBDIR=$libraries/xtables exec ${folder}/usr/sbin/xtables-nft-multi ${name} "$@"`,
    ];
    await writeFile(join(bin, name), `${lines.join('\n')}\n`, { mode: 0o755 });
  }
  return [bin];
}
