import { spawn } from 'node:child_process';
import { commandLine } from '../model/command-line.ts';
import { failure } from '../model/problem.ts';
import type { Remedy } from '../model/remedy.ts';

/**
 * Runs the commands of a remedy one after the other, each as the user would. What they write goes to standard error; a
 * terminal is theirs, as one may ask for a password. Throws `fix-failed` for the first that fails, with what is left to do.
 */
export async function carryOut({ commands, what }: Remedy, signal: AbortSignal): Promise<void> {
  for (const [index, command] of commands.entries()) {
    const why = await run(command, signal);
    if (why === undefined) continue;
    const left = commands.slice(index).map(commandLine);
    throw failure({
      code: 'fix-failed',
      message: `it was not possible to ${what}: ${commandLine(command)} ${why}`,
      hint: `mend what it complains of, then: ${left.join('; ')}`,
    });
  }
}

/** Resolves with why a command failed, if it did. */
function run([program = '', ...words]: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ['inherit', 2, 2], signal });
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? 'is not there' : error.message),
    );
    child.on('exit', (code, by) =>
      resolve(code === 0 ? undefined : by === null ? `ended with ${code}` : `was ended by ${by}`),
    );
  });
}
