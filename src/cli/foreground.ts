import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { failure } from '../model/problem.ts';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a program of this machine in the place of this one: with its terminal or pipes, and with the signals it gets.
 * Resolves to its exit code, counted as shells do where a signal has ended it. Throws `command-not-found` and
 * `command-not-executable`.
 */
export function runInForeground(
  [program = '', ...words]: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const child = spawn(program, words, { stdio: 'inherit', env: environment });
  const pass = (name: NodeJS.Signals): void => {
    // A terminal tells all programs that it belongs to by itself.
    const isTold = process.stdin.isTTY === true && (name === 'SIGINT' || name === 'SIGQUIT');
    if (!isTold) child.kill(name);
  };
  for (const name of forwarded) process.on(name, pass);
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(notStarted(program, error)));
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  return ended.finally(() => {
    for (const name of forwarded) process.off(name, pass);
  });
}

function notStarted(program: string, { code, message }: NodeJS.ErrnoException) {
  if (code === 'ENOENT') {
    return failure({
      code: 'command-not-found',
      message: `there is no program ${program} on this machine`,
      hint: 'it is looked for in the folders of PATH',
    });
  }
  return failure({
    code: 'command-not-executable',
    message: `${program} cannot be executed`,
    cause: message,
  });
}
