import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cache } from './places.ts';
import { run } from './shell.ts';

/**
 * Unpacks Debian packages, each written `name/suite`, side by side into one folder of the cache and returns that
 * folder. Nothing is installed: the system's own packages and lists stay as they are. Done once per list of packages.
 */
export async function unpackedPackages(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(
    cache,
    `${name}-${createHash('sha256').update(packages.join()).digest('hex').slice(0, 8)}`,
  );
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  const debs = join(unfinished, 'debs');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(debs, { recursive: true });
  const suites = [...new Set(packages.map((spec) => spec.split('/')[1] as string))].sort();
  await run('apt-get', [...(await ownApt(suites)), 'download', ...packages], { cwd: debs });
  for (const deb of await readdir(debs)) await run('dpkg', ['--extract', join(debs, deb), unfinished]);
  await rm(debs, { recursive: true });
  await rename(unfinished, folder);
  return folder;
}

/** This Debian's code name, such as `bookworm`; undefined on any other system. */
export async function debianSuite(): Promise<string | undefined> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID=debian$/m.test(release) ? /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] : undefined;
}

/** The mirror from which this machine's own apt takes a suite. */
export async function debianMirror(suite: string): Promise<string> {
  const targets = await run('apt-get', [
    'indextargets',
    '--no-release-info',
    '--format=$(RELEASE) $(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = new RegExp(`^${suite} (.*)$`, 'm').exec(targets)?.[1];
  if (mirror === undefined)
    throw new Error(`apt's sources on this machine name no mirror for Debian ${suite}.`);
  return mirror;
}

const updated = new Map<string, Promise<string[]>>();

/** Options that make apt-get work on package lists of its own, fresh once per run. */
function ownApt(suites: readonly string[]): Promise<string[]> {
  const key = suites.join('-');
  const options = updated.get(key) ?? updateLists(key, suites);
  updated.set(key, options);
  return options;
}

async function updateLists(key: string, suites: readonly string[]): Promise<string[]> {
  const folder = join(cache, 'apt', key);
  for (const part of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(folder, part), { recursive: true });
  const mirror = await debianMirror((await debianSuite()) as string);
  const sources = join(folder, 'sources.list');
  await writeFile(sources, suites.map((suite) => `deb ${mirror} ${suite} main\n`).join(''));
  const options = [
    '-qq',
    `-oDir::Etc::SourceList=${sources}`,
    '-oDir::Etc::SourceParts=/dev/null',
    `-oDir::State::Lists=${join(folder, 'lists')}`,
    `-oDir::Cache=${join(folder, 'cache')}`,
    '-oAcquire::Languages=none',
    '-oAPT::Sandbox::User=root',
  ];
  await run('apt-get', [...options, 'update']);
  return options;
}
