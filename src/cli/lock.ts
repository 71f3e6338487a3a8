import os from 'node:os';
import path from 'node:path';
import { type Holder, type Lock, takeLock } from '../files/lock.ts';
import { maskSecrets } from '../model/masking.ts';
import { type Problem, ProblemsError } from '../model/problem.ts';
import { withResolvers } from '../model/resolvers.ts';
import type { Exclusively } from '../model/runtime.ts';
import { shortName } from './short-name.ts';

/**
 * One who changes a project at a time: a lock for each project of each engine, among all commands of this user. Where no
 * locks can be kept the work is done all the same, and that is told.
 */
export function projectLock(engine: string, tell: (problem: Problem) => void): Exclusively {
  return inTurn(holding(engine, '', tell, (project, holder) => tell(isBusy(project, holder))));
}

/** One who watches a project at a time: throws `project-busy` if there is someone already. */
export function watchLock(engine: string, tell: (problem: Problem) => void): Exclusively {
  return holding(engine, '\nwatch', tell, (project, holder) => {
    throw new ProblemsError([isWatched(project, holder)]);
  });
}

/** A lock is kept by a process; within it one comes after the other, in the order in which they asked. */
export function inTurn(exclusively: Exclusively): Exclusively {
  const last = new Map<string, Promise<unknown>>();
  return async (project, signal, work) => {
    const before = last.get(project) ?? Promise.resolve();
    const done = withResolvers<void>();
    last.set(
      project,
      before.then(() => done.promise),
    );
    try {
      await settled(before, signal);
      return await exclusively(project, signal, work);
    } finally {
      done.resolve();
    }
  };
}

/** Rejects if the signal is aborted before. */
function settled(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    void turn.then(() => {
      signal.removeEventListener('abort', giveUp);
      if (signal.aborted) giveUp();
      else resolve();
    });
    if (signal.aborted) giveUp();
  });
}

function holding(
  engine: string,
  purpose: string,
  tell: (problem: Problem) => void,
  busy: (project: string, holder: Holder) => void,
): Exclusively {
  return async (project, signal, work) => {
    const found = (holder: Holder): void => busy(project, holder);
    const { isLeft, release } = await take(`${engine}\n${project}${purpose}`, project, tell, found, signal);
    try {
      return await work(isLeft);
    } finally {
      release();
    }
  };
}

/** Where the locks of this user are; it is made when it is needed. */
export function lockFolder(): string {
  const user = process.getuid?.() ?? os.userInfo().username;
  return path.join(process.env.XDG_RUNTIME_DIR || os.tmpdir(), `stack-${user}`);
}

async function take(
  what: string,
  project: string,
  tell: (problem: Problem) => void,
  busy: (holder: Holder) => void,
  signal: AbortSignal,
): Promise<Lock> {
  const uid = process.getuid?.();
  const words = maskSecrets(process.argv.slice(2)).value.join(' ');
  const request = {
    folder: lockFolder(),
    name: `${shortName(what)}.lock`,
    own: { pid: process.pid, uid, command: `stack ${words}` },
    isAlive,
    busy,
  };
  try {
    return await takeLock(request, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProblemsError) throw error;
    tell(withoutLock(project, error));
    return { isLeft: false, release: () => {} };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isBusy(project: string, { command, pid }: Holder): Problem {
  return {
    code: 'project-busy',
    severity: 'warning',
    message: `${project} is being changed by \`${command}\` (process ${pid})`,
    hint: 'this goes on as soon as that is done; Ctrl-C ends waiting',
  };
}

function isWatched(project: string, { command, pid }: Holder): Problem {
  return {
    code: 'project-busy',
    severity: 'error',
    message: `${project} is being watched by \`${command}\` (process ${pid}) already`,
    hint: 'end that first, or leave the watching to it',
  };
}

function withoutLock(project: string, error: unknown): Problem {
  return {
    code: 'project-busy',
    severity: 'warning',
    message: `it cannot be made sure that no one else changes ${project} meanwhile`,
    hint: 'let XDG_RUNTIME_DIR be a folder of your own',
    cause: error instanceof Error ? error.message : String(error),
  };
}
