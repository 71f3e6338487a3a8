import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type NewFile, prepareStack } from '../commands/init.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { canListen } from '../docker/host-ports.ts';
import { readText } from '../load/files.ts';
import { findWanting } from '../load/wanting.ts';
import { failure } from '../model/problem.ts';
import { jsonLine } from '../report/json.ts';
import { shownPath } from '../report/paths.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { fillDotenv, wordsOfFilled } from './dotenv.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { questionsOn } from './questions.ts';
import { isInteractive } from './screen.ts';
import { inSession } from './session.ts';

interface Options {
  readonly yes?: true;
  readonly dryRun?: true;
}

export async function runInit(_: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const { yes, dryRun } = given as Options;
  const directory = path.resolve(globals.projectDirectory ?? globals.workdir ?? '.');
  const say = (text: string): void => {
    if (globals.json !== true) process.stdout.write(text);
  };
  const shown = (file: string): string => sanitiseField(shownPath(file, process.cwd()));
  const isFree = async (port: number): Promise<boolean> =>
    (await canListen({ port, protocol: 'tcp', hostIp: '127.0.0.1' })) !== 'no';
  const { existing, findings, files } = await prepareStack(directory, isFree);
  const tellData = (written: readonly string[]): void => {
    if (globals.json === true)
      process.stdout.write(jsonLine({ v: 1, ...(existing && { existing }), findings, written }));
  };
  if (existing !== undefined) {
    say(`there is ${shown(existing)}, so there is nothing to do; stack up brings it up\n`);
    tellData([]);
    return succeeded;
  }
  say(findings.map((line) => `${sanitiseField(line)}\n`).join(''));
  if (dryRun === true) {
    say(files.map(({ path: file, text }) => `\n--- ${shown(file)}\n${text}`).join(''));
    tellData([]);
    return succeeded;
  }
  return inSession(async ({ surroundings: { signal } }) => {
    const asks = yes !== true && globals.json !== true && isInteractive(globals);
    const names = files.map((file) => shown(file.path)).join(', ');
    if (asks && !(await isWanted(`write ${names}? [Yn] `, signal))) {
      say('nothing was written\n');
      return succeeded;
    }
    for (const file of files) await writeNew(file);
    say(`wrote ${names}\n`);
    const wanting = await findWanting(loadRequest([], globals, signal));
    const filled = wanting && (await fillDotenv(wanting, undefined, signal));
    if (wanting !== undefined && filled !== undefined) {
      if (filled.written.length > 0) say(wordsOfFilled(wanting.dotenv, filled.written));
      if (!(await isIgnored(directory))) say('.env belongs into .gitignore, not into the repository\n');
      const left = filled.left.map(({ name }) => name).join(', ');
      if (left !== '') say(`only you know ${left}: write it into .env, or answer stack up on a terminal\n`);
    }
    say('stack up brings it up\n');
    tellData([...files.map((file) => file.path), ...(filled?.written.length ? [wanting?.dotenv ?? ''] : [])]);
    return succeeded;
  });
}

async function isWanted(question: string, signal: AbortSignal): Promise<boolean> {
  const questions = questionsOn(process.stdout, signal);
  const answer = await questions.askFor(question);
  questions.end();
  return answer !== undefined && !/^\s*n/i.test(answer);
}

/** Whether git leaves `.env` alone, as far as the file for it says so in plain words. */
async function isIgnored(directory: string): Promise<boolean> {
  const [ignore, dotenv] = await Promise.all(
    ['.gitignore', '.env'].map((name) => readText(path.join(directory, name), 0)),
  );
  if (dotenv?.kind !== 'text') return true;
  return ignore?.kind === 'text' && /^\/?(?:\*|\.env\*?)\s*$/m.test(ignore.text);
}

/** A file that someone else has made meanwhile stays. */
async function writeNew({ path: file, text }: NewFile): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    throw failure({
      code: 'unwritable-file',
      message: `${shownPath(file, process.cwd())} cannot be written`,
      hint: 'what was written before it stays; run this where you may write',
      cause: (error as Error).message,
    });
  }
}
