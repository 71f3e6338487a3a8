import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pingEndpoint } from '../../src/docker/sockets.ts';
import { engineRequest } from './api.ts';
import { daemonPid, processes, startDaemon, stopDaemon } from './daemon.ts';
import { createNetwork, removeNetwork } from './network.ts';
import { cache, runtime } from './places.ts';
import { run } from './shell.ts';
import type { Tools } from './tools.ts';

/** The private engine's DOCKER_HOST. */
export const dockerHost = `unix://${runtime}/docker.sock`;

const config = join(runtime, 'daemon.json');
const execRoot = join(runtime, 'exec');

export function dockerdIsRunning(): boolean {
  return daemonPid(config) !== undefined;
}

export function dockerdAnswers(): Promise<boolean> {
  return pingEndpoint({ url: dockerHost, from: 'the lab' }, 2000);
}

/** Whether containers, or those who watch over them, go on without the engine that ran them. */
export function dockerdIsSurvived(): boolean {
  if (dockerdIsRunning()) return false;
  return processes().some(({ args }) => args.some((arg) => arg.startsWith(`${execRoot}/`)));
}

/** Starts an engine that shares nothing with another one of this machine but the kernel. */
export async function startDockerd(tools: Tools, registryMirror: string | undefined): Promise<void> {
  await removeNetwork([]);
  await forgetOldProcesses();
  const network = await createNetwork(tools.path);
  const dataRoot = join(tools.folder, 'data'); // an older engine could not read a newer one's
  await mkdir(dataRoot, { recursive: true });
  const settings = {
    hosts: [dockerHost],
    'data-root': dataRoot,
    'exec-root': execRoot,
    pidfile: join(execRoot, 'dockerd.pid'),
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    bridge: network.bridge,
    'default-address-pools': [{ base: `${network.prefix}.128.0/17`, size: 24 }],
    ...(network.ownRules ? {} : { iptables: false, ip6tables: false }),
    ...(registryMirror === undefined ? {} : { 'registry-mirrors': [registryMirror] }),
  };
  await writeFile(config, JSON.stringify(settings, undefined, 2));
  const args = ['--config-file', config];
  const log = join(cache, 'dockerd.log');
  await startDaemon({ command: 'dockerd', args, config, log, env: { PATH: tools.path } }, dockerdAnswers);
}

/** Stops the engine, its containers with it, and takes its network away; also what is left of one that crashed. */
export async function stopDockerd(): Promise<void> {
  const bridges = await userBridges();
  await stopDaemon(config);
  await removeNetwork(bridges);
  await unmountLeft();
}

/** What an engine that was killed had mounted keeps its folders from being deleted. */
async function unmountLeft(): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  const ours = mounts.filter((path) => path.startsWith(`${cache}/`) || path.startsWith(`${runtime}/`));
  for (const path of ours.reverse()) await run('umount', [path]);
}

/** The machine's interfaces behind the engine's networks; none if the engine cannot be asked any more. */
async function userBridges(): Promise<string[]> {
  type Network = { Id: string; Driver: string; Options: Record<string, string> | null };
  const networks = await engineRequest<Network[]>(dockerHost, 'GET', '/networks').catch(() => []);
  return networks
    .filter(({ Driver }) => Driver === 'bridge')
    .map(({ Id, Options }) => Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`);
}

/**
 * Removes what a killed engine left to be found by the next: it would believe any process that has got one of the old
 * process numbers since. A containerd that is really still there is left for it to take over.
 */
async function forgetOldProcesses(): Promise<void> {
  await rm(join(execRoot, 'dockerd.pid'), { force: true });
  const containerd = join(execRoot, 'containerd');
  if (daemonPid(join(containerd, 'containerd.toml')) === undefined) {
    await rm(join(containerd, 'containerd.pid'), { force: true });
  }
}
