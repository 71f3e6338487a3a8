import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { pack } from 'tar-stream';
import type { ContainerRef } from '../../model/plan.ts';
import { failure } from '../../model/problem.ts';
import { call, EngineRefusal } from '../api.ts';
import { readArchive, writeArchive } from '../archive.ts';
import type { EngineHttp } from '../http.ts';
import { runInside } from '../inside.ts';
import { untar } from '../streams/untar.ts';
import { unlinker } from './unlinker.ts';

/** So many paths are handed to one command: how long one may be is limited. */
const pathsAtOnce = 500;

/**
 * Deletes files and folders of a container, whoever they belong to. What is not there is deleted already. The engine can
 * write into a container but not delete: a process inside does it, `rm` where the image has one.
 */
export async function removeInside(
  engine: EngineHttp,
  container: ContainerRef,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (paths.length === 0) return;
  let ended = await runOnAll(engine, container, ['rm', '-rf', '--'], paths, signal);
  if (ended.code === notThere) ended = await removeByProgram(engine, container, paths, signal);
  if (ended.code === 0) return;
  const [first = ''] = paths;
  const what = paths.length === 1 ? first : `${first} and ${paths.length - 1} more`;
  throw failure({
    code: 'sync-failed',
    service: container.service,
    message: `${what} cannot be deleted in ${container.name}`,
    hint: 'the next change of a file tries it again; a container made anew does not have it',
    ...(ended.said === '' ? {} : { cause: ended.said }),
  });
}

interface Ended {
  readonly code: number;
  /** What the command or the engine said. */
  readonly said: string;
}

/** As shells say that there is no such program, or that there is one that cannot be run. */
const notThere = 127;
const cannotRun = 126;
/** By the words of engines 20.10 to 28. */
const isMissing = /executable file not found|no such file or directory/;

async function runOnAll(
  engine: EngineHttp,
  container: ContainerRef,
  command: readonly string[],
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Ended> {
  let failed: Ended | undefined;
  for (let from = 0; from < paths.length; from += pathsAtOnce) {
    const some = paths.slice(from, from + pathsAtOnce);
    const ended = await run(engine, container, [...command, ...some], signal);
    if (ended.code === notThere) return ended;
    if (ended.code !== 0) failed ??= ended;
  }
  return failed ?? { code: 0, said: '' };
}

/** Runs a command as root. Engines tell in different ways that there is no such program. */
async function run(
  engine: EngineHttp,
  { name }: ContainerRef,
  command: readonly string[],
  signal: AbortSignal,
): Promise<Ended> {
  const written: string[] = [];
  const asRoot = { Cmd: command, User: '0', WorkingDir: '/' };
  const tell = (lines: readonly string[]): void => {
    written.push(...lines);
  };
  try {
    const code = await runInside(engine, name, asRoot, tell, signal);
    const said = written.slice(-5).join('\n');
    // What would be in a file is not there.
    if (code === 1 && written.length > 0 && written.every((line) => /: Not a directory$/.test(line)))
      return { code: 0, said };
    return { code: code === cannotRun && isMissing.test(said) ? notThere : code, said };
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    return { code: isMissing.test(error.said) ? notThere : -1, said: error.said };
  }
}

/** For images without `rm`: puts a program of our own into the container, which deletes itself at last. */
async function removeByProgram(
  engine: EngineHttp,
  container: ContainerRef,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Ended> {
  const { Arch } = await call<{ Arch: string }>(engine, 'GET', '/version', { signal });
  const program = unlinker(Arch);
  if (program === undefined) return { code: notThere, said: 'the image has no program `rm`' };
  const all = await Promise.all(paths.map((place) => contentsOf(engine, container.name, place, signal)));
  const file = `/.stack-unlink-${randomBytes(6).toString('hex')}`;
  const tar = pack();
  tar.entry({ name: file.slice(1), mode: 0o755, uid: 0, gid: 0 }, program);
  tar.finalize();
  const content = tar as AsyncIterable<Uint8Array>;
  try {
    await writeArchive(engine, { container: container.name, path: '/', content, keepOwners: false }, signal);
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    return { code: -1, said: error.said };
  }
  // The program goes also when the work is broken off.
  const clean = (within: AbortSignal) => run(engine, container, [file, file], within);
  let ended: Ended;
  try {
    ended = await runOnAll(engine, container, [file], all.flat(), signal);
  } catch (error) {
    await clean(AbortSignal.timeout(cleaningTime)).catch(() => {});
    throw error;
  }
  const cleaned = await clean(signal);
  return ended.code === 0 ? cleaned : ended;
}

/** In milliseconds. */
const cleaningTime = 5000;

/** The path with all that is in it, contents before their folders; nothing if it is not there. */
async function contentsOf(
  engine: EngineHttp,
  container: string,
  place: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    const { content } = await readArchive(engine, container, place, signal);
    for await (const entry of untar(content)) {
      found.push(path.posix.join(path.posix.dirname(place), entry.header.name.replace(/\/$/, '')));
      entry.resume();
    }
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
  }
  return found.reverse();
}
