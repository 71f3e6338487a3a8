import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** When the process began, as the system counts it; absent where that is not told. */
  readonly began?: string;
  /** What it was started as. */
  readonly command: string;
}

export interface LockRequest {
  /** Absolute; made if it is not there, for its owner only. */
  readonly folder: string;
  /** The name of the lock's file. */
  readonly name: string;
  readonly own: { readonly pid: number; readonly uid: number | undefined; readonly command: string };
  readonly isAlive: (pid: number) => boolean;
  /** Called once if there is someone to be waited for. */
  readonly busy: (holder: Holder) => void;
}

/** Gives the lock back. */
export type Release = () => Promise<void>;

/**
 * Waits until a lock is free, which it also is once its holder has ended without giving it back. Rejects with the
 * signal's reason, or with the file system's error where locks cannot be kept.
 */
export async function takeLock(request: LockRequest, signal: AbortSignal): Promise<Release> {
  const { folder, name, own, isAlive, busy } = request;
  await prepareFolder(folder, own.uid);
  const file = path.join(folder, name);
  const began = await beginOf(own.pid);
  const mark = randomBytes(8).toString('hex');
  const holder: Marked = {
    pid: own.pid,
    command: own.command,
    ...(began === undefined ? {} : { began }),
    mark,
  };
  const draft = `${file}.${mark}`;
  // The lock appears as a whole or not at all.
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
  let told = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      if (await linked(draft, file)) return () => release(file, mark);
      const other = await readHolder(file);
      if (other === undefined) continue;
      if (!(await holds(other, isAlive))) {
        await takeAway(file, other, draft, isAlive);
        continue;
      }
      if (!told) busy(other);
      told = true;
      await setTimeout(patience, undefined, { signal });
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** How long to wait until the holder is looked at again, in milliseconds: one that was killed tells no one. */
const patience = 100;

/** The mark tells two locks of one process apart. */
type Marked = Holder & { readonly mark: string };

/** Others must not be able to put locks there: what they write is told to the user. */
async function prepareFolder(folder: string, uid: number | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = await lstat(folder);
  const isShared = uid !== undefined && (owner !== uid || (mode & 0o022) !== 0);
  if (isShared) throw new Error(`${folder} belongs to someone else, or others may write to it`);
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<Marked | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // No lock of ours.
    return { pid: 0, command: '', mark: text };
  }
}

/** A process of the same number that began at another time is another one. */
async function holds({ pid, began }: Holder, isAlive: (pid: number) => boolean): Promise<boolean> {
  return pid > 0 && isAlive(pid) && (began === undefined || began === (await beginOf(pid)));
}

async function beginOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name of the program, which may have blanks in it, ends with the last bracket.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/**
 * Removes the lock of a dead process, and none that took its place: while the guard is held nobody else removes what is
 * not their own. Who does not get the guard looks again.
 */
async function takeAway(
  file: string,
  dead: Marked,
  draft: string,
  isAlive: (pid: number) => boolean,
): Promise<void> {
  const guard = `${file}.guard`;
  if (!(await linked(draft, guard))) {
    const other = await readHolder(guard);
    if (other !== undefined && !(await holds(other, isAlive))) await rm(guard, { force: true });
    return;
  }
  try {
    if ((await readHolder(file))?.mark === dead.mark) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function release(file: string, mark: string): Promise<void> {
  const holder = await readHolder(file);
  if (holder?.mark === mark) await rm(file, { force: true });
}
