import { readFileSync } from 'node:fs';
import path from 'node:path';
import { getRawAsset } from 'node:sea';
import { openSight, watchFileCalls } from './again/sight.ts';
import { answerAtOnce } from './at-once.ts';
import { loadProgram, type Parts } from './compiled.ts';
import { type Invocation, readInvocation } from './invocation.ts';
import { writeOut } from './write-out.ts';

/** Tells this build of the program from all others; put in by the build. */
declare const build: string;

/**
 * Runs what the words name, and leaves with its exit code. Where the program is in the executable file itself there is no
 * folder.
 */
export async function launch(words: readonly string[], calledAs: string, folder?: string): Promise<void> {
  if (tellAtOnce(words, calledAs)) return;
  if (!isSomewhere()) {
    writeOut(
      'stderr',
      'error: the current folder has been removed\n  hint: change into one that is there, or back into this one: cd "$PWD"\n',
    );
    process.exit(1);
  }
  const invocation = readInvocation(calledAs, words, process.env);
  // Before the program, which has names of its own for what is called.
  watchFileCalls();
  const again = mayRepeat(invocation) ? await import('./again/again.ts') : undefined;
  const witness = await again?.sayAgain(invocation, build);
  if (witness === 'said') return;
  // What a word means is known to the program only; under most nothing has been kept.
  const names = invocation.words.filter((word) => /^[a-z]+$/.test(word));
  const loaded = loadProgram(folder === undefined ? inside() : partsIn(folder), names, process.env);
  const { main } = loaded.exports as typeof import('./main.ts');
  const { exitCode, command } = await main(invocation, { build, openSight, witness });
  if (exitCode === 0 && command !== undefined) loaded.keep(command);
  if (exitCode === 0) await witness?.keep();
  // Kept-alive connections to the engine would hold the process open.
  process.exit(exitCode);
}

/** Everything is found from the current folder. */
function isSomewhere(): boolean {
  try {
    process.cwd();
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a command may say again what it said before: one that shows the stack, and a start that is not stayed with. In the place
 * of Docker Compose times are told.
 */
function mayRepeat({ asCompose, words }: Invocation): boolean {
  const isDetached = words.some((word) => word === '-d' || word === '--detach');
  return !asCompose && (words.includes('config') || (words.includes('up') && isDetached));
}

/** Answers what needs no program; false: nothing has been said. */
export function tellAtOnce(words: readonly string[], calledAs: string): boolean {
  const answer = answerAtOnce(readInvocation(calledAs, words, process.env));
  if (answer !== undefined) writeOut('stdout', answer);
  return answer !== undefined;
}

function inside(): Parts {
  return { build, folder: process.execPath, read: (part) => Buffer.from(getRawAsset(part)) };
}

function partsIn(folder: string): Parts {
  return { build, folder, read: (part) => readFileSync(path.join(folder, part)) };
}
