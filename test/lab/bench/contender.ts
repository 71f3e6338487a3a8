import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Who is measured: this program, Docker Compose, and the engine alone, asked for the same by as few calls as can be. */
export type ContenderName = 'stack' | 'compose' | 'limit';

/** One of them in one scenario, with a folder and a project of its own, so that none profits from what another made. */
export interface Contender {
  readonly name: ContenderName;
  /** The program; that of `limit` is `stack`, which prepares what the engine is then asked for. */
  readonly command: readonly string[];
  readonly project: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** How many rounds have begun. */
  round: number;
}

export interface Ended {
  /** From just before its start to its end. */
  readonly milliseconds: number;
  readonly stdout: string;
}

export function write(contender: Contender, file: string, text: string | Buffer): void {
  const target = path.join(contender.folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}

/**
 * Runs a contender's command to its end. A figure of a command that failed would be a lie: rejects with what it said.
 *
 * @param into a file in its folder for what it writes, in the place of the result's `stdout`
 * @param whileRunning gets the process once it is there
 */
export function run(
  { command: [program = '', ...first], folder, environment }: Contender,
  words: readonly string[],
  { into, whileRunning }: { readonly into?: string; readonly whileRunning?: (pid: number) => void } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(program, [...first, ...words], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', into === undefined ? 'pipe' : openSync(path.join(folder, into), 'w'), 'pipe'],
    });
    if (child.pid !== undefined) whileRunning?.(child.pid);
    let [stdout, said, milliseconds] = ['', '', 0];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('error', reject);
    child.on('exit', () => {
      milliseconds = performance.now() - began;
    });
    child.on('close', (code) =>
      code === 0
        ? resolve({ milliseconds, stdout })
        : reject(
            new Error(
              `${program} … ${words.join(' ')} ended with ${code}: ${(said.trim() || stdout.trim()).slice(-800)}`,
            ),
          ),
    );
  });
}

/** The most memory a command had at its end, in megabytes, by all of its processes together. Linux only. */
export async function peakMemory(
  contender: Contender,
  words: readonly string[],
  into?: string,
): Promise<number> {
  const peaks = new Map<number, number>();
  let sampling: NodeJS.Timeout | undefined;
  await run(contender, words, {
    ...(into === undefined ? {} : { into }),
    whileRunning(pid) {
      sampling = setInterval(() => {
        for (const one of processTree(pid)) peaks.set(one, Math.max(peaks.get(one) ?? 0, peakOf(one)));
      }, 2);
    },
  }).finally(() => clearInterval(sampling));
  return [...peaks.values()].reduce((sum, one) => sum + one, 0);
}

/** A process and all that it started and they. */
export function processTree(pid: number): readonly number[] {
  const found = [pid];
  for (const one of found) {
    try {
      for (const thread of readdirSync(`/proc/${one}/task`)) {
        const children = readFileSync(`/proc/${one}/task/${thread}/children`, 'utf8').trim();
        if (children !== '') found.push(...children.split(' ').map(Number));
      }
    } catch {
      // it has ended
    }
  }
  return found;
}

function peakOf(pid: number): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
