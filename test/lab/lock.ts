import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the kernel's lock on a file, alone or shared with others; undefined if that would mean waiting and `wait` is
 * false. flock(1) holds it for as long as its stdin, a pipe from this process, stays open: so the kernel gives it
 * back however this process ends, and there is no such thing as a stale lock.
 */
export function lock(file: string, kind: 'exclusive' | 'shared', wait: true): Promise<Lock>;
export function lock(file: string, kind: 'exclusive' | 'shared', wait: false): Promise<Lock | undefined>;
export async function lock(
  file: string,
  kind: 'exclusive' | 'shared',
  wait: boolean,
): Promise<Lock | undefined> {
  const options = [`--${kind}`, ...(wait ? [] : ['--nonblock'])];
  // Detached: Ctrl-C goes to this process's group, and the lock must outlive it until the cleaning is done.
  const holder = spawn('flock', [...options, file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(holder, 'close');
  const taken = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!taken) return undefined;
  return {
    async release() {
      holder.stdin.end();
      await ended;
    },
  };
}

/** Does something if nobody holds a share in the lock; meanwhile nobody gets one. */
export async function whenUnshared(file: string, work: () => Promise<void>): Promise<void> {
  const alone = await lock(file, 'exclusive', false);
  if (alone === undefined) return;
  try {
    await work();
  } finally {
    await alone.release();
  }
}
