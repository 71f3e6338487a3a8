import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dockerdAnswers, dockerdIsRunning, dockerdIsSurvived, startDockerd, stopDockerd } from './dockerd.ts';
import { fillRegistry, gatherImageSources, imagesAreCurrent } from './images.ts';
import { lock, whenUnshared } from './lock.ts';
import { debianSuite } from './packages.ts';
import { cache, runtime } from './places.ts';
import { dockerHubAnswers, knownRegistry, startRegistry, stopRegistry } from './registry.ts';
import { type Say, timed } from './say.ts';
import { which } from './shell.ts';
import { installTools, type Tools } from './tools.ts';
import { all, until } from './wait.ts';

/** A share in the private engine of this cache. */
export interface PrivateEngine {
  readonly tools: Tools;
  /** Gives the share back; the engine is stopped with the last one. */
  release(): Promise<void>;
}

/**
 * Takes a share in the private engine, which is installed, started and given its images if need be. Any number of
 * runs share one. Two of the kernel's locks keep order, so that no crash can leave a wrong count: who starts or stops
 * it holds `turn`, alone; who uses it holds `users`, shared, and only when there is none left can that be had alone.
 *
 * @throws Error with one sentence if this machine cannot be given an engine.
 */
export async function acquirePrivateEngine(say: Say, interruption: AbortSignal): Promise<PrivateEngine> {
  await checkMachine();
  return inTurn(say, async () => {
    const share = await lock(usersFile, 'shared', true);
    const leave = async () => {
      await share.release();
      await stopIfUnused();
    };
    try {
      return { tools: await running(say, interruption), release: () => inTurn(say, leave) };
    } catch (error) {
      await leave();
      throw error;
    }
  });
}

/** Makes the engine stay after its last user, until this is taken back; then it stops with the last user, if any. */
export async function keepPrivateEngine(keep: boolean, say: Say): Promise<void> {
  await inTurn(say, async () => {
    if (keep) return writeFile(keepFile, '');
    await rm(keepFile, { force: true });
    await stopIfUnused();
  });
}

/** What the private engine of this cache is doing. */
export async function privateEngineState(): Promise<'stopped' | 'kept' | 'used' | 'left'> {
  if (!(await dockerdAnswers())) return 'stopped';
  if (existsSync(keepFile)) return 'kept';
  const alone = await lock(usersFile, 'exclusive', false);
  await alone?.release();
  return alone === undefined ? 'used' : 'left';
}

/** What the engine that is running was started from. */
export async function toolsInUse(): Promise<Tools> {
  return JSON.parse(await readFile(toolsFile, 'utf8')) as Tools;
}

const toolsFile = join(runtime, 'tools.json');
const turnFile = join(runtime, 'turn');
const usersFile = join(runtime, 'users');
const keepFile = join(runtime, 'keep');

async function checkMachine(): Promise<void> {
  const way = 'install and start Docker (https://docs.docker.com/get-docker/) or set DOCKER_HOST';
  if ((await debianSuite()) === undefined || process.getuid?.() !== 0) {
    throw new Error(
      `No Docker engine answers here, and only as root on Debian can one be started for this: ${way}.`,
    );
  }
  const missing = ['flock', 'ip', 'unshare', 'wget'].filter((program) => which(program) === undefined);
  if (missing.length > 0) {
    throw new Error(
      `No Docker engine answers here, and to start one ${missing.join(' and ')} is missing: ${way}.`,
    );
  }
}

async function inTurn<T>(say: Say, work: () => Promise<T>): Promise<T> {
  for (const folder of [cache, runtime]) await mkdir(folder, { recursive: true });
  let turn = await lock(turnFile, 'exclusive', false);
  if (turn === undefined) {
    say('Waiting for another run that is starting or stopping the private engine.');
    turn = await lock(turnFile, 'exclusive', true);
  }
  try {
    return await work();
  } finally {
    await turn.release();
  }
}

/** The engine as another run has it if that is sound, else a new start; with the images as they are defined now. */
async function running(say: Say, interruption: AbortSignal): Promise<Tools> {
  const sound = await isSound();
  if (!sound) await stop();
  const standIn = sound ? (await knownRegistry()) !== undefined : !(await dockerHubAnswers());
  const build = standIn && !(await imagesAreCurrent());
  if (build) say(`Preparing a private Docker engine and its images in ${cache}, once, for about a minute …`);
  const [tools] = await all([
    sound ? toolsInUse() : start(standIn, say, interruption),
    build ? gatherImageSources(say, interruption) : undefined,
  ]);
  interruption.throwIfAborted();
  if (build) await timed(say, 'Images built from Debian packages', () => fillRegistry(tools));
  return tools;
}

async function start(standIn: boolean, say: Say, interruption: AbortSignal): Promise<Tools> {
  const [tools, registry] = await all([
    timed(say, 'Engine installed', () => install(say, interruption)),
    standIn ? startRegistry() : undefined,
  ]);
  interruption.throwIfAborted();
  await writeFile(toolsFile, JSON.stringify(tools));
  await timed(say, 'Engine started', () => startDockerd(tools, registry && `http://${registry}`));
  return tools;
}

async function install(say: Say, interruption: AbortSignal): Promise<Tools> {
  try {
    return await installTools('newest');
  } catch (error) {
    interruption.throwIfAborted();
    say(`Debian's newest engine cannot be had, so it will be this suite's own. ${(error as Error).message}`);
    return installTools('own');
  }
}

/** An engine that was started a moment ago by a run that is gone may still be about to answer. */
async function isSound(): Promise<boolean> {
  if (!dockerdIsRunning() || !existsSync(toolsFile) || (await knownRegistry())?.running === false)
    return false;
  return until(dockerdAnswers, 10_000);
}

async function stopIfUnused(): Promise<void> {
  if (!existsSync(keepFile)) await whenUnshared(usersFile, stop);
}

async function stop(): Promise<void> {
  await rm(keepFile, { force: true });
  // Only an engine can end what a killed engine left running.
  if (dockerdIsSurvived()) await startDockerd(await toolsInUse(), undefined);
  await stopDockerd();
  await stopRegistry();
}
