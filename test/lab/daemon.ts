import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { until } from './wait.ts';

/** A program that goes on after this process; `config` is an argument of its command line and names it. */
export interface Daemon {
  readonly command: string;
  readonly args: readonly string[];
  readonly config: string;
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a daemon and waits until it answers. Rejects with the end of its log if it ends or does not answer. */
export async function startDaemon(daemon: Daemon, answers: () => Promise<boolean>): Promise<void> {
  const log = openSync(daemon.log, 'w');
  const child = spawn(daemon.command, daemon.args, {
    env: { ...process.env, ...daemon.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  let ended = false;
  child.on('error', () => {
    ended = true;
  });
  child.on('exit', () => {
    ended = true;
  });
  child.unref();
  const ready = await until(async () => ended || (await answers()), 60_000);
  if (ready && !ended) return;
  const words = (await readFile(daemon.log, 'utf8')).trim().split('\n').slice(-5).join('\n');
  throw new Error(
    `${daemon.command} ${ended ? 'ended at once' : 'does not answer'} (${daemon.log}):\n${words}`,
  );
}

/** Asks a daemon to end and waits for it; nothing happens if it is not there. */
export async function stopDaemon(config: string): Promise<void> {
  const pid = daemonPid(config);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  const gone = await until(() => daemonPid(config) === undefined, 60_000);
  if (!gone) throw new Error(`Process ${pid} (${config}) has not ended within a minute.`);
}

/**
 * The process whose command line names this configuration. Asked of the kernel, not of a pid file: that may be missing
 * after a crash, or name a process that has nothing to do with ours.
 */
export function daemonPid(config: string): number | undefined {
  return processes().find(({ args }) => args.includes(config))?.pid;
}

/** Every process of this machine that can be seen, with its command line. */
export function processes(): { pid: number; args: string[] }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [{ pid: Number(pid), args: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') }];
    } catch {
      return []; // ended in between
    }
  });
}
