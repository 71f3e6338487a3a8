import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { failure } from '../model/problem.ts';
import type { Variables } from './find.ts';

export interface Call {
  readonly program: string;
  readonly words: readonly string[];
  readonly env: Variables;
  readonly signal: AbortSignal;
  /** Called with each line of standard output. */
  readonly hear?: (line: string) => void;
}

export interface Ending {
  /** `null`: a signal has ended it. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last lines of standard error. */
  readonly complaint: readonly string[];
}

const complaintLines = 10;

/** Runs a program of this machine to its end, without input. Throws `provider-failed` if it cannot be started. */
export async function runProgram({ program, words, env, signal, hear }: Call): Promise<Ending> {
  const child = spawn(program, words, { env: { ...env }, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const stdout: string[] = [];
  const complaint: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line);
    hear?.(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    complaint.push(line);
    if (complaint.length > complaintLines) complaint.shift();
  });
  try {
    return { code: await ended, stdout: stdout.join('\n'), complaint };
  } catch (error) {
    signal.throwIfAborted();
    throw failure({
      code: 'provider-failed',
      message: `${program} cannot be started`,
      hint: 'see whether it is a program of this machine',
      cause: String(error),
    });
  }
}
