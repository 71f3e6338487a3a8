import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dockerdAnswers, dockerdIsRunning, dockerHost, startDockerd, stopDockerd } from './dockerd.ts';
import { prepareBase, fillRegistry } from './images.ts';
import { type Lock, lock } from './lock.ts';
import { debianSuite } from './packages.ts';
import { cache, runtime } from './places.ts';
import { dockerHubAnswers, knownRegistry, startRegistry, stopRegistry } from './registry.ts';
import { type Say, timed } from './say.ts';
import { which } from './shell.ts';
import { engineTools, type Tools } from './tools.ts';
import { all } from './wait.ts';

/** A share in the private engine of this cache. */
export interface PrivateEngine {
  readonly host: string;
  readonly tools: Tools;
  /** Gives the share back; the engine is stopped with the last one. */
  release(): Promise<void>;
}

/**
 * Takes a share in the private engine, which is installed, started and given its images if need be. Any number of
 * runs share one. Two locks of the kernel's keep order, so that no crash can leave a wrong count: who starts or stops
 * holds `turn`; who uses holds `users`, shared, and it is the last user who can get that alone.
 *
 * @throws Error with one sentence if this machine cannot be given an engine.
 */
export async function acquirePrivateEngine(say: Say): Promise<PrivateEngine> {
  await checkMachine();
  for (const folder of [cache, runtime]) await mkdir(folder, { recursive: true });
  const turn = await takeTurn(say);
  const share = (await lock(usersFile, 'shared', true)) as Lock;
  try {
    const tools = await ready(say);
    return { host: dockerHost, tools, release: async () => release(await takeTurn(say), share) };
  } catch (error) {
    await release(turn, share);
    throw error;
  } finally {
    await turn.release();
  }
}

/** Makes the engine stay when its last user ends, or ends that and the engine, if it has no user. */
export async function keepPrivateEngine(keep: boolean, say: Say): Promise<void> {
  if (keep) return writeFile(keepFile, '');
  await rm(keepFile, { force: true });
  if (!existsSync(runtime)) return;
  await stopIfUnused(await takeTurn(say));
}

/** What the private engine of this cache is doing. */
export async function privateEngineStatus(): Promise<{ running: boolean; kept: boolean; used: boolean }> {
  const running = await dockerdAnswers();
  if (!running) return { running, kept: false, used: false };
  const unused = await lock(usersFile, 'exclusive', false);
  await unused?.release();
  return { running, kept: existsSync(keepFile), used: unused === undefined };
}
