import {
  type Environment,
  hostEnvironment,
  projectEnvironment,
  serviceEnvironment,
  valueIn,
} from '../commands/env.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { printDotenvLine } from '../load/variables/dotenv.ts';
import type { MissingVariable } from '../load/variables/missing.ts';
import { findWanting } from '../load/wanting.ts';
import { failure, type Problem, ProblemsError } from '../model/problem.ts';
import { jsonLine } from '../report/json.ts';
import { formatLeftOut, formatOrigins, originsData } from '../report/origins.ts';
import { fillDotenv, wordsOfFilled } from './dotenv.ts';
import { runInForeground } from './foreground.ts';
import { printData } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { questionsOn } from './questions.ts';
import { readChoice } from './read-options.ts';
import { isInteractive } from './screen.ts';
import { hidesSecrets, tellMasked } from './secrets.ts';
import { inSession } from './session.ts';
import { tellPeople, wantsColour } from './tell.ts';

interface Options {
  readonly host?: true;
  readonly fill?: true;
  readonly format?: string;
  readonly showSecrets?: true;
  /** What stands behind `--`. */
  readonly command: readonly string[];
}

const formats = ['text', 'json', 'dotenv', 'shell'] as const;

export async function runEnv(
  [service, name, ...more]: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  const { command, format: asked = globals.json === true ? 'json' : 'text' } = options;
  refuseConflicts(service, name, more, options);
  if (options.fill === true) return fill(globals);
  const format = readChoice('--format', asked, formats);
  // What people read may be looked at by others; what programs read has to be complete.
  const isForPeople = format === 'text' || format === 'json';
  const masked = isForPeople ? options.showSecrets !== true : hidesSecrets(options);
  const tell = (environment: Environment, of: string): Outcome => {
    const unnamed = name === undefined ? namesLeftOut(environment, format) : [];
    tellPeople([...environment.warnings.filter(isAbout(service)), ...unnamed], globals);
    if (name !== undefined) printData(`${valueIn(environment, name, of)}\n`);
    else printData(print[format](environment, globals));
    if (name === undefined) tellMasked(environment.masked);
    return succeeded;
  };
  if (service === undefined)
    return tell(await projectEnvironment(loadRequest([], globals), masked), 'the project');
  if (options.host !== true) {
    return tell(await serviceEnvironment({ load: loadRequest([], globals), service, masked }), service);
  }
  let environment: Environment | undefined;
  await inSession(async ({ surroundings }) => {
    const load = loadRequest([], globals, surroundings.signal);
    environment = await hostEnvironment({ load, service, masked }, surroundings);
    return succeeded;
  });
  if (environment === undefined) return { exitCode: 130, problems: [] };
  if (command.length === 0) return tell(environment, service);
  tellPeople(environment.warnings.filter(isAbout(service)), globals);
  const variables = { ...process.env, ...Object.fromEntries(environment.values) };
  return { exitCode: await runInForeground(command, variables), problems: [] };
}

/** What is wrong with other services is not asked about. */
function isAbout(service: string | undefined): (problem: Problem) => boolean {
  return (problem) =>
    service === undefined || problem.code === 'not-published' || problem.service === service;
}

const print: Readonly<
  Record<(typeof formats)[number], (environment: Environment, globals: GlobalOptions) => string>
> = {
  text: ({ origins, leftOut = [] }, globals) => {
    const colour = wantsColour(process.stdout, globals);
    // What the file sets stands above.
    const set = new Set(origins.map(({ path }) => path));
    const others = leftOut.filter(({ name }) => !set.has(name));
    return formatOrigins(origins, { colour, directory: process.cwd() }) + formatLeftOut(others, { colour });
  },
  json: ({ origins }) => `${JSON.stringify(originsData(origins), undefined, 2)}\n`,
  dotenv: (environment) => linesOf(environment, names.dotenv, printDotenvLine),
  shell: (environment) =>
    linesOf(environment, names.shell, (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
};

/** What can be the name of a variable there; `xpack.security.enabled` would end a shell, and `a;b` run something. */
const names = { dotenv: /^[\w.-]+$/, shell: /^[A-Za-z_]\w*$/ } as const;

function namesLeftOut({ values }: Environment, format: (typeof formats)[number]): readonly Problem[] {
  if (format !== 'dotenv' && format !== 'shell') return [];
  const left = [...values.keys()].filter((name) => !names[format].test(name));
  if (left.length === 0) return [];
  const where = format === 'shell' ? 'a shell' : 'a .env';
  return [
    {
      code: 'no-effect',
      severity: 'warning',
      message: `${left.map((name) => JSON.stringify(name)).join(', ')} cannot be set in ${where} and ${left.length === 1 ? 'is' : 'are'} left out`,
      hint: 'a program gets all of them with: stack env SERVICE --host -- COMMAND',
    },
  ];
}

/** The values in a form that programs read: those that are shown if they are masked. */
function linesOf(
  { origins, values, masked }: Environment,
  isName: RegExp,
  line: (name: string, value: string) => string,
): string {
  const ofOrigins = new Map(origins.map(({ path, value }) => [path, String(value)]));
  // What is to be taken away from the image has no value.
  return [...values]
    .filter(([name]) => isName.test(name))
    .map(([name, value]) => `${line(name, masked === 0 ? value : (ofOrigins.get(name) ?? ''))}\n`)
    .join('');
}

async function fill(globals: GlobalOptions): Promise<Outcome> {
  return inSession(async ({ surroundings: { signal } }) => {
    const wanting = await findWanting(loadRequest([], globals, signal));
    if (wanting === undefined) throw withoutDotenv();
    const asks = globals.json !== true && isInteractive(globals);
    const questions = asks ? questionsOn(process.stdout, signal) : undefined;
    const { written, left } = await fillDotenv(wanting, questions, signal);
    if (globals.json === true) {
      process.stdout.write(
        jsonLine({ v: 1, file: wanting.dotenv, written, left: left.map(({ name }) => name) }),
      );
    } else if (written.length > 0) {
      process.stdout.write(wordsOfFilled(wanting.dotenv, written));
    } else if (left.length === 0) {
      process.stdout.write('all variables have a value\n');
    }
    if (left.length > 0) throw new ProblemsError(left.map(stillMissing));
    return succeeded;
  });
}

function stillMissing({ name, describe, example }: MissingVariable): Problem {
  return {
    code: 'missing-variable',
    severity: 'error',
    message: `only you know the value of ${name}${describe === undefined ? '' : `: ${describe}`}`,
    ...(example && { location: example.at }),
    hint: `write ${name}=… into .env, or run this on a terminal, where it is asked for`,
  };
}

function withoutDotenv() {
  return failure({
    code: 'invalid-option',
    message: 'no .env is read for this stack',
    hint: 'leave out --env-file, COMPOSE_ENV_FILES and COMPOSE_DISABLE_ENV_FILE',
  });
}

function refuseConflicts(
  service: string | undefined,
  name: string | undefined,
  more: readonly string[],
  { host, fill: fills, command }: Options,
): void {
  const refuse = (isWrong: boolean, message: string, hint: string): void => {
    if (isWrong) throw failure({ code: 'invalid-option', message, hint });
  };
  refuse(
    more.length > 0,
    `env takes a service and a variable, not ${more.join(' ')}`,
    'a command stands behind --: stack env api --host -- npm start',
  );
  refuse(host === true && service === undefined, '--host needs a service', 'write stack env SERVICE --host');
  refuse(
    command.length > 0 && host !== true,
    'a command runs on this machine with --host only',
    'write stack env SERVICE --host -- COMMAND, or stack exec SERVICE COMMAND to run it in the container',
  );
  refuse(
    command.length > 0 && name !== undefined,
    `a command gets all variables, not only ${name}`,
    'leave the name out',
  );
  refuse(
    fills === true && service !== undefined,
    '--fill is about the .env of the whole stack',
    'leave the service out',
  );
}
