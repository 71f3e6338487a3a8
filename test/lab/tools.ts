import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianSuite, unpackedPackages } from './packages.ts';
import { isExecutable, which } from './shell.ts';

/** An engine and its clients, unpacked in the cache. */
export interface Tools {
  /** A PATH on which all of them are found. */
  readonly path: string;
  /** A DOCKER_CONFIG folder: the plugins compose and buildx, nobody's credentials. */
  readonly dockerConfig: string;
  /** The real Docker Compose, where this engine's suite has it. */
  readonly compose: string | undefined;
}

/** The newest engine that Debian has; where the mirror has only this Debian's own suite, that suite's. */
export async function engineTools(): Promise<Tools> {
  const suite = (await debianSuite()) as string;
  const folder = await unpackedPackages('engine', newestEngine(suite)).catch(() =>
    unpackedPackages('engine', ownEngine(suite)),
  );
  const plugins = join(folder, 'usr/libexec/docker/cli-plugins');
  const dockerConfig = join(folder, 'config');
  await mkdir(dockerConfig, { recursive: true });
  if (!existsSync(join(dockerConfig, 'cli-plugins')))
    await symlink(plugins, join(dockerConfig, 'cli-plugins'));
  const compose = join(plugins, 'docker-compose');
  const path = [join(folder, 'usr/sbin'), join(folder, 'usr/bin'), systemPath];
  if (which('iptables', systemPath) === undefined) path.push(await unpackedIptables(suite));
  return { path: path.join(':'), dockerConfig, compose: isExecutable(compose) ? compose : undefined };
}

/** The newest suite's own runc wants a newer C library than this Debian may have. */
function newestEngine(suite: string): string[] {
  const newest = ['docker.io', 'docker-cli', 'containerd', 'tini-static', 'docker-compose', 'docker-buildx'];
  return [...newest.map((name) => `${name}/forky`), `runc/${suite}`];
}

function ownEngine(suite: string): string[] {
  return ['docker.io', 'containerd', 'runc', 'tini'].map((name) => `${name}/${suite}`);
}

/** `su` leaves these out. */
const systemPath = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;

/** A folder with `iptables` and `ip6tables` that find their libraries beside them. */
async function unpackedIptables(suite: string): Promise<string> {
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
  return bin;
}
