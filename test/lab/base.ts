import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianMirror, debianSuite, unpackedPackages } from './packages.ts';
import { cache } from './places.ts';
import { run, systemPath } from './shell.ts';

/** Makes the base image's files: a minimal Debian that trusts what this machine trusts. */
export async function makeBase(signal: AbortSignal): Promise<void> {
  const suite = (await debianSuite()) as string;
  const tools = await unpackedPackages('debootstrap', [`debootstrap/${suite}`]);
  const tar = await baseFile();
  const root = join(cache, 'base.unfinished');
  await rm(root, { recursive: true, force: true });
  const env = { ...process.env, PATH: systemPath, DEBOOTSTRAP_DIR: join(tools, 'usr/share/debootstrap') };
  const bootstrap = join(tools, 'usr/sbin/debootstrap');
  const options = [
    '--variant=minbase',
    '--include=ca-certificates',
    imageSuite,
    root,
    await debianMirror(suite),
  ];
  // What it mounts goes with the mount namespace, also when it is interrupted.
  await run('unshare', ['--mount', 'sh', bootstrap, ...options], { env, signal });
  await makeSlim(root);
  // Without them no TLS connection out of a container would be trusted where a proxy signs with one of these.
  for (const name of await extraAuthorities())
    await copyFile(join(authorities, name), join(root, authorities, name));
  await run('chroot', [root, 'update-ca-certificates']);
  const left = [
    'var/lib/apt/lists/*',
    'var/cache/apt/*',
    'var/log/*',
    'dev/*',
    'etc/resolv.conf',
    ...unneeded,
  ];
  const exclusions = left.map((pattern) => `--exclude=./${pattern}`);
  await run('tar', ['--create', `--file=${tar}.unfinished`, `--directory=${root}`, ...exclusions, '.']);
  await rename(`${tar}.unfinished`, tar);
  await rm(root, { recursive: true });
}

/** Where the base image's files are kept; another place for other certificate authorities. */
export async function baseFile(): Promise<string> {
  const hash = createHash('sha256').update(imageSuite);
  for (const name of await extraAuthorities()) hash.update(await readFile(join(authorities, name)));
  return join(cache, `base-${hash.digest('hex').slice(0, 8)}.tar`);
}

const imageSuite = 'bookworm';
const authorities = '/usr/local/share/ca-certificates';

async function extraAuthorities(): Promise<string[]> {
  const names = await readdir(authorities).catch(() => []);
  return names.filter((name) => name.endsWith('.crt')).sort();
}

const unneeded = ['doc', 'man', 'locale', 'info', 'lintian'].map((name) => `usr/share/${name}/*`);

/** Packages that are added later leave out what this base leaves out, and start no services. */
async function makeSlim(root: string): Promise<void> {
  await writeFile(
    join(root, 'etc/dpkg/dpkg.cfg.d/lab'),
    unneeded.map((path) => `path-exclude=/${path}\n`).join(''),
  );
  const apt = ['APT::Install-Recommends "false";', 'Acquire::Languages "none";', 'DPkg::Use-Pty "false";'];
  await writeFile(join(root, 'etc/apt/apt.conf.d/lab'), `${apt.join('\n')}\n`);
  await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
}
