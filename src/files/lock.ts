import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

export interface Lock {
  /** The last one who had it has ended without giving it back. */
  readonly isLeft: boolean;
  /** Gives it back. */
  release(): void;
}

/**
 * Waits until a lock is free, which it also is once its holder has ended without giving it back. Rejects with the
 * signal's reason, or with the file system's error where locks cannot be kept.
 */
export async function takeLock(request: LockRequest, signal: AbortSignal): Promise<Lock> {
  const { folder, name, own, isAlive, busy } = request;
  prepareFolder(folder, own.uid);
  const file = path.join(folder, name);
  const began = beginOf(own.pid);
  const mark = Math.random().toString(36).slice(2);
  const holder: Marked = {
    pid: own.pid,
    command: own.command,
    ...(began === undefined ? {} : { began }),
    mark,
  };
  const draft = `${file}.${mark}`;
  // The lock appears as a whole or not at all.
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
  let told = false;
  let isLeft = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      if (linked(draft, file)) return { isLeft, release: () => release(file, mark) };
      const other = readHolder(file);
      const isHeld = other !== undefined && holds(other, isAlive);
      if (isHeld && !told) busy(other);
      told ||= isHeld;
      if (other !== undefined && !isHeld && takeAway(file, other, draft, isAlive)) isLeft = true;
      await setTimeout(isHeld ? patience : 0, undefined, { signal });
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** How long to wait until the holder is looked at again, in milliseconds: one that was killed tells no one. */
const patience = 100;

/** The mark tells two locks of one process apart. */
type Marked = Holder & { readonly mark: string };

/** Others must not be able to put locks there: what they write is told to the user. */
function prepareFolder(folder: string, uid: number | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = lstatSync(folder);
  const isShared = uid !== undefined && (owner !== uid || (mode & 0o022) !== 0);
  if (isShared) throw new Error(`${folder} belongs to someone else, or others may write to it`);
}

function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file: string): Marked | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    // No lock of ours.
    return { pid: 0, command: '', mark: text };
  }
}

/** A process of the same number that began at another time is another one. */
function holds({ pid, began }: Holder, isAlive: (pid: number) => boolean): boolean {
  return pid > 0 && isAlive(pid) && (began === undefined || began === beginOf(pid));
}

function beginOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, which may have blanks in it, ends with the last bracket.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/**
 * Removes the lock of a dead process, and none that took its place: while the guard is held nobody else removes what is
 * not their own. Who does not get the guard looks again: false.
 */
function takeAway(file: string, dead: Marked, draft: string, isAlive: (pid: number) => boolean): boolean {
  const guard = `${file}.guard`;
  if (!linked(draft, guard)) {
    const other = readHolder(guard);
    if (other !== undefined && !holds(other, isAlive)) rmSync(guard, { force: true });
    return false;
  }
  try {
    if (readHolder(file)?.mark !== dead.mark) return false;
    rmSync(file, { force: true });
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}

function release(file: string, mark: string): void {
  try {
    if (readHolder(file)?.mark === mark) rmSync(file, { force: true });
  } catch {
    // It is free once this process has ended.
  }
}
