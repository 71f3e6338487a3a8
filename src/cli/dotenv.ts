import { isUtf8 } from 'node:buffer';
import { randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { LoadRequest } from '../load/load.ts';
import { isRemote } from '../load/project/git.ts';
import { printDotenvLine } from '../load/variables/dotenv.ts';
import type { MissingVariable } from '../load/variables/missing.ts';
import { findWanting, type Wanting } from '../load/wanting.ts';
import { failure } from '../model/problem.ts';
import { shownPath } from '../report/paths.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { writeOutput } from './output.ts';
import type { GlobalOptions } from './program.ts';
import { type Questions, questionsOn } from './questions.ts';
import { isInteractive } from './screen.ts';

/**
 * The request of a command that brings services up: variables of which an example file or `x-stack.env` knows must have a
 * value. On a terminal those that have none are asked for first, and written into `.env`. In the place of Docker Compose
 * they need none, as with that.
 */
export async function withVariables(
  load: LoadRequest,
  { isSure }: { readonly isSure: boolean },
  globals: GlobalOptions,
  signal: AbortSignal,
): Promise<LoadRequest> {
  if (globals.asCompose) return load;
  const complete = { ...load, complete: true };
  // What is typed may be the stack itself.
  const isElsewhere = load.files.some((file) => file === '-' || isRemote(file));
  if (isSure || isElsewhere || globals.json === true || !isInteractive(globals)) return complete;
  // What is wrong with the files is told by who loads them.
  const wanting = await findWanting(load).catch(() => undefined);
  if (wanting === undefined || wanting.variables.length === 0) return complete;
  const { written } = await fillDotenv(wanting, questionsOn(process.stdout, signal), signal);
  process.stdout.write(wordsOfFilled(wanting.dotenv, written));
  return complete;
}

export interface Filled {
  readonly written: readonly string[];
  /** Those of which only a person knows the value. */
  readonly left: readonly MissingVariable[];
}

/**
 * Writes variables behind what is in a `.env`: values that are made up, and those that are answered; where nobody is asked
 * those of the example file. Throws `unwritable-file` before anything is asked, and `interrupted` if it is not answered.
 */
export async function fillDotenv(
  { dotenv, variables }: Wanting,
  questions: Questions | undefined,
  signal: AbortSignal,
): Promise<Filled> {
  if (variables.length === 0) return { written: [], left: [] };
  const names = variables.map(({ name }) => name);
  await refuseUnwritable(dotenv, names);
  const values = new Map<string, string>();
  const left: MissingVariable[] = [];
  try {
    for (const variable of variables) {
      const { name, generate, example, mayBeBlank } = variable;
      const shown = example !== undefined && (example.value !== '' || mayBeBlank) ? example.value : undefined;
      if (generate !== undefined) values.set(name, madeUp(generate));
      else if (questions !== undefined) values.set(name, await answered(variable, questions, signal));
      else if (shown !== undefined) values.set(name, shown);
      else left.push(variable);
    }
  } finally {
    questions?.end();
  }
  if (values.size > 0) await append(dotenv, values);
  return { written: [...values.keys()], left };
}

/** What is said of variables that were written. */
export function wordsOfFilled(dotenv: string, written: readonly string[]): string {
  return `wrote ${written.join(', ')} into ${sanitiseField(shownPath(dotenv, process.cwd()))}\n`;
}

async function answered(
  { name, describe, example, isSecret, mayBeBlank }: MissingVariable,
  questions: Questions,
  signal: AbortSignal,
): Promise<string> {
  const offered = example?.value ?? '';
  const what = describe === undefined ? name : `${name}, ${sanitiseField(describe)}`;
  const source = example === undefined ? '' : path.basename(example.at.file);
  const hidden = offered === '' ? ' (not shown)' : ` (not shown; Enter takes that of ${source})`;
  const choice = offered === '' ? '' : ` [${sanitiseField(offered)}]`;
  for (;;) {
    const question = `${what}${isSecret ? hidden : choice}: `;
    const typed = await questions.askFor(question, isSecret ? 'hidden' : undefined);
    if (typed === undefined || signal.aborted) throw unanswered(name);
    const value = typed.trim() === '' ? offered : typed.trim();
    if (value !== '' || mayBeBlank) return value;
  }
}

function unanswered(name: string) {
  return failure({
    code: 'interrupted',
    message: `${name} has no value, and nothing was written`,
    hint: 'answer, or write it into .env yourself',
  });
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits need quotes nowhere, also not in addresses. */
function madeUp(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

async function append(dotenv: string, values: ReadonlyMap<string, string>): Promise<void> {
  const before = (await contentOf(dotenv))?.toString('utf8') ?? '';
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  const lines = [...values].map(([name, value]) => `${printDotenvLine(name, value)}\n`);
  await writeOutput(dotenv, `${before}${gap}${lines.join('')}`, 0o600);
}

/** Nobody is to answer in vain. */
async function refuseUnwritable(dotenv: string, names: readonly string[]): Promise<void> {
  const cause = await unwritable(dotenv);
  if (cause === undefined) return;
  throw failure({
    code: 'unwritable-file',
    message: `${shownPath(dotenv, process.cwd())} cannot be written, and ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} no value`,
    hint: 'set them in the environment, or write them into a file of your own and name it with --env-file',
    cause,
  });
}

async function unwritable(dotenv: string): Promise<string | undefined> {
  try {
    const content = await contentOf(dotenv);
    if (content !== undefined && !isUtf8(content)) return 'it is not UTF-8';
    if (content !== undefined) await access(dotenv, constants.W_OK);
    // The file is written whole, under another name first.
    const folder = path.dirname(await realpath(dotenv).catch(() => dotenv));
    await access(folder, constants.W_OK);
    // Whoever made the link may have meant a file that shells run.
    const own = await realpath(path.dirname(dotenv));
    const isOutside = folder !== own && !folder.startsWith(`${own}${path.sep}`);
    return isOutside ? `it is a link into ${folder}` : undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EISDIR' ? 'it is a folder' : message;
  }
}

async function contentOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
