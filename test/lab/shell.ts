import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The PATH with the administrator's folders, which `su` leaves out. */
export const systemPath = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program, or keeps it from starting. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and resolves with what it wrote to stdout; rejects with its last words if it failed. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = options.env ?? { ...process.env, PATH: systemPath };
    const child = spawn(command, args, { ...options, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const lastWords = (stderr.trim() || stdout.trim()).split('\n').slice(-8).join('\n');
      reject(new Error(`${command} ${args.slice(0, 2).join(' ')} failed (${signal ?? code}): ${lastWords}`));
    });
  });
}

/**
 * Runs a program in the place of this one: with its terminal, until it ends. Ctrl-C reaches it through the process
 * group, so here it is only not died of; what is sent to this process alone is passed on. Resolves with its exit code.
 */
export function runInForeground(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit' });
    const passOn = (signal: NodeJS.Signals) => child.kill(signal);
    const ignore = () => {};
    process.on('SIGINT', ignore).on('SIGTERM', passOn).on('SIGHUP', passOn);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore).off('SIGTERM', passOn).off('SIGHUP', passOn);
      resolve(code ?? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGKILL' ? 9 : 15));
    });
  });
}

/** Where the PATH has a program. */
export function which(program: string, path = systemPath): string | undefined {
  return path
    .split(':')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
