import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { baseFile, makeBase } from './base.ts';
import { dockerHost } from './dockerd.ts';
import { debianSuite, unpackedPackages } from './packages.ts';
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
const baseImage = 'stack-lab/base';

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
  if (!existsSync(await baseFile()))
    await timed(say, 'Minimal Debian for the images made', () => makeBase(interruption));
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
  await docker('import', '--change', 'CMD ["bash"]', await baseFile(), baseImage);
  const publish = async (stage: string, names: readonly string[]) => {
    const tags = names.map((name) => `${registry}/library/${name}`);
    const named = tags.flatMap((tag) => ['--tag', tag]);
    const options = ['--quiet', '--target', stage, '--build-arg', `DEFINITIONS=${hash}`, ...named];
    await docker('build', ...options, context);
    for (const tag of tags) await docker('push', '--quiet', tag);
    await docker('rmi', ...tags);
  };
  await all(Object.entries(images).map(([stage, names]) => publish(stage, names)));
  await docker('rmi', baseImage);
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
