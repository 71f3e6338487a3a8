import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dockerHost } from './dockerd.ts';
import { debianMirror, debianSuite, unpackedPackages } from './packages.ts';
import { cache, repository } from './places.ts';
import { knownRegistry, registryData } from './registry.ts';
import { type Say, timed } from './say.ts';
import { run } from './shell.ts';
import type { Tools } from './tools.ts';
import { all } from './wait.ts';

/** Each stage of images/Dockerfile and the names under which Docker Hub has the like. */
const images: Readonly<Record<string, readonly string[]>> = {
  ruby: ['ruby:3.3-slim'],
  python: ['python:3.12-slim'],
  redis: ['redis:7'],
  node: ['node:24-slim'],
  debian: ['debian:bookworm-slim'],
  busybox: ['busybox:latest', 'busybox:1.37'],
  alpine: ['alpine:latest', 'alpine:3.20'],
};

const definitions = join(repository, 'test/lab/images');
const context = join(cache, 'images');
const filledMark = join(registryData, 'definitions');
const base = 'stack-lab/base';

/** Whether the registry has all images as they are defined now. */
export async function imagesAreCurrent(): Promise<boolean> {
  return (await readFile(filledMark, 'utf8').catch(() => '')) === (await definitionsHash());
}

/** Gathers what the images are built from; needs no engine, so that it can be done while one is installed. */
export async function gatherImageSources(say: Say, interruption: AbortSignal): Promise<void> {
  const suite = await debianSuite();
  await rm(context, { recursive: true, force: true });
  await cp(definitions, context, { recursive: true });
  await copyFile(process.execPath, join(context, 'node'));
  const busybox = await unpackedPackages('busybox', ['busybox-static/forky']).catch(() =>
    unpackedPackages('busybox', [`busybox-static/${suite}`]),
  );
  const folder = existsSync(join(busybox, 'bin')) ? 'bin' : 'usr/bin'; // by the suite
  await copyFile(join(busybox, folder, 'busybox'), join(context, 'busybox'));
  const tar = await baseFile();
  if (!existsSync(tar))
    await timed(say, 'Minimal Debian for the images made', () => makeBase(tar, interruption));
}

/** Builds all images from what was gathered, with the engine and into the registry that are running. */
export async function fillRegistry(tools: Tools): Promise<void> {
  const env = {
    ...process.env,
    PATH: tools.path,
    DOCKER_CONFIG: tools.dockerConfig,
    DOCKER_HOST: dockerHost,
  };
  const docker = (...args: string[]) => run('docker', args, { env: { ...env, DOCKER_BUILDKIT: '1' } });
  const hash = await definitionsHash();
  const registry = (await knownRegistry())?.address;
  await docker('import', '--change', 'CMD ["bash"]', await baseFile(), base);
  const publish = async (stage: string, names: readonly string[]) => {
    const tags = names.map((name) => `${registry}/library/${name}`);
    const named = tags.flatMap((tag) => ['--tag', tag]);
    await docker(
      'build',
      '--quiet',
      '--build-arg',
      `DEFINITIONS=${hash}`,
      '--target',
      stage,
      ...named,
      context,
    );
    for (const tag of tags) await docker('push', '--quiet', tag);
    await docker('rmi', ...tags);
  };
  await all(Object.entries(images).map(([stage, names]) => publish(stage, names)));
  await docker('rmi', base);
  await docker('builder', 'prune', '--all', '--force'); // else nothing would ever be seen to be pulled
  await writeFile(filledMark, hash);
}

/** Changes with anything that the images are made of. */
async function definitionsHash(): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([images, process.version, basename(await baseFile())]),
  );
  const entries = await readdir(definitions, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files.sort()) hash.update(file.slice(definitions.length)).update(await readFile(file));
  return hash.digest('hex');
}

const imageSuite = 'bookworm';
const authorities = '/usr/local/share/ca-certificates';

/** The base image's files; another file for other certificate authorities. */
async function baseFile(): Promise<string> {
  const hash = createHash('sha256').update(imageSuite);
  for (const name of await extraAuthorities()) hash.update(await readFile(join(authorities, name)));
  return join(cache, `base-${hash.digest('hex').slice(0, 8)}.tar`);
}

async function extraAuthorities(): Promise<string[]> {
  const names = await readdir(authorities).catch(() => []);
  return names.filter((name) => name.endsWith('.crt')).sort();
}

async function makeBase(tar: string, signal: AbortSignal): Promise<void> {
  const suite = (await debianSuite()) as string;
  const tools = await unpackedPackages('debootstrap', [`debootstrap/${suite}`]);
  const root = join(cache, 'base.unfinished');
  await rm(root, { recursive: true, force: true });
  const env = { ...process.env, DEBOOTSTRAP_DIR: join(tools, 'usr/share/debootstrap') };
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
