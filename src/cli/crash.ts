import { mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { engineHeard } from '../docker/heard.ts';
import { homeFolder, placeOf } from '../docker/places.ts';
import { maskValue, secretsAmong } from '../model/masking.ts';
import type { Problem } from '../model/problem.ts';
import { sanitiseText } from '../report/sanitise.ts';
import { readInvocation } from './invocation.ts';
import { createProgram } from './program.ts';
import { commandIn } from './switches.ts';
import { version } from './version.ts';

/** How many reports stay. */
const kept = 10;

/** Where each was written to: one that is told in several places is one. */
const written = new Map<string, string>();

/**
 * A mistake of the program itself, with credentials masked, is written to a file that its user can hand on, and then says
 * where that is. All other problems stay as they are.
 */
export function keptCrash(problem: Problem): Problem {
  if (problem.code !== 'internal') return problem;
  const message = masked(problem.message);
  const cause = masked(problem.cause ?? '');
  const told = { ...problem, message, ...(cause !== '' && { cause }) };
  const key = `${message}\n${cause}`;
  const file = written.get(key) ?? writeReport(message, cause);
  if (file === undefined) return told;
  written.set(key, file);
  return { ...told, hint: `please report this, with ${file}: values are left out, but read it before` };
}

/** Gives the path; nothing if it cannot be written. */
function writeReport(message: string, stack: string): string | undefined {
  const folder = path.join(placeOf('state'), 'crashes');
  const at = new Date();
  const file = path.join(folder, `${at.toISOString().replaceAll(':', '-')}-${process.pid}.txt`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, reportOf(message, stack, at), { mode: 0o600, flag: 'wx' });
    const old = readdirSync(folder).sort().slice(0, -kept);
    for (const name of old) rmSync(path.join(folder, name), { force: true });
    return file;
  } catch {
    return undefined;
  }
}

function reportOf(message: string, stack: string, at: Date): string {
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return [
    `stack:    ${version}`,
    `Node.js:  ${process.versions.node}`,
    `system:   ${os.type()} ${os.release()} ${process.arch}`,
    `engine:   ${harmless(engineHeard() ?? 'none has answered')}`,
    `command:  ${commandTyped()}`,
    `at:       ${at.toISOString()}`,
    '',
    harmless(message),
    ...lines.map((line) => harmless(line)),
    '',
  ].join('\n');
}

function masked(text: string): string {
  const variables = Object.entries(process.env).map(([name, value = '']) => [name, value] as const);
  return maskValue('', text, secretsAmong(new Map(variables)));
}

/** Without what an error quotes, which may be out of a file, and without folders that are nobody's business. */
function harmless(text: string): string {
  const own = ownFolder();
  const shortened = [
    [`file://${own}`, ''],
    [own, ''],
    [process.cwd(), '.'],
    [homeFolder(), '~'],
  ].reduce((one, [long = '', short = '']) => (long.length > 1 ? one.replaceAll(long, short) : one), text);
  const unquoted = shortened.replace(/"(?:[^"\\]|\\.)*"?|`[^`]*`?|(?<=[\s(])'[^'\n]*'/gs, '"…"');
  return sanitiseText(unquoted, { colour: false }).join('\n');
}

/** Where the program is, whatever link it was called by; blank where that cannot be known. */
function ownFolder(): string {
  try {
    return path.dirname(path.dirname(realpathSync(process.argv[1] ?? '')));
  } catch {
    return '';
  }
}

/** The command and the names of its options; what else was typed is a value, or belongs to another program. */
function commandTyped(): string {
  const { words, asCompose, calledAs } = readInvocation(
    process.argv[1] ?? '',
    process.argv.slice(2),
    process.env,
  );
  const program = createProgram({ asCompose, calledAs }).words;
  const command = commandIn(words, program);
  const known = new Set(
    [...program.options, ...command.options].flatMap(({ long, short }) => [long ?? '', short ?? '']),
  );
  let isNamed = false;
  const shown = words.map((word) => {
    if (!isNamed && word === command.name()) {
      isNamed = true;
      return word;
    }
    const [name = ''] = word.startsWith('--') ? word.split('=', 1) : [word.slice(0, 2)];
    return known.has(name) ? name : '…';
  });
  return [calledAs, ...shown].join(' ');
}
