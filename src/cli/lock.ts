import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { type Holder, type Release, takeLock } from '../files/lock.ts';
import { maskSecrets } from '../model/masking.ts';
import type { Problem } from '../model/problem.ts';
import type { Exclusively } from '../model/runtime.ts';

/**
 * One who changes a project at a time: a lock for each project of each engine, among all commands of this user. Where no
 * locks can be kept the work is done all the same, and that is told.
 */
export function projectLock(engine: string, tell: (problem: Problem) => void): Exclusively {
  return async (project, signal, work) => {
    const release = await takeProject(engine, project, tell, signal);
    try {
      return await work();
    } finally {
      await release().catch(() => {});
    }
  };
}

async function takeProject(
  engine: string,
  project: string,
  tell: (problem: Problem) => void,
  signal: AbortSignal,
): Promise<Release> {
  const uid = process.getuid?.();
  const words = maskSecrets(process.argv.slice(2)).value.join(' ');
  const request = {
    folder: path.join(process.env.XDG_RUNTIME_DIR || os.tmpdir(), `stack-${uid ?? os.userInfo().username}`),
    name: `${createHash('sha256').update(`${engine}\n${project}`).digest('hex').slice(0, 32)}.lock`,
    own: { pid: process.pid, uid, command: `stack ${words}` },
    isAlive,
    busy: (holder: Holder) => tell(isBusy(project, holder)),
  };
  try {
    return await takeLock(request, signal);
  } catch (error) {
    signal.throwIfAborted();
    tell(withoutLock(project, error));
    return () => Promise.resolve();
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

function withoutLock(project: string, error: unknown): Problem {
  return {
    code: 'project-busy',
    severity: 'warning',
    message: `it cannot be made sure that no one else changes ${project} meanwhile`,
    hint: 'let XDG_RUNTIME_DIR be a folder of your own',
    cause: error instanceof Error ? error.message : String(error),
  };
}
