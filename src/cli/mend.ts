import { setTimeout } from 'node:timers/promises';
import type { Outcome } from '../commands/outcome.ts';
import { remediesFor } from '../commands/remedies.ts';
import { resolveEndpoint } from '../docker/endpoint.ts';
import { pingEndpoint } from '../docker/sockets.ts';
import { surveyEngines } from '../docker/survey.ts';
import { carryOut } from '../machine/carry-out.ts';
import { surveyHost } from '../machine/host.ts';
import { commandLine } from '../model/command-line.ts';
import type { Facts } from '../model/facts.ts';
import { type Problem, ProblemsError, problemsOf } from '../model/problem.ts';
import type { Remedy } from '../model/remedy.ts';
import type { GlobalOptions } from './program.ts';
import { questionsOn } from './questions.ts';
import { isInteractive } from './screen.ts';
import { settingsInUse } from './settings.ts';
import { surveyMachine } from './survey-machine.ts';
import { tellPeople } from './tell.ts';

type Looked = Pick<Facts, 'engine' | 'others' | 'machine'>;

interface MendOptions {
  /** Nothing is asked. */
  readonly isSure: boolean;
  /** Only tell what would be done. */
  readonly isDry: boolean;
  /** Mend no more than what keeps an engine from answering. */
  readonly onlyEngine: boolean;
}

/** What can be mended of what was found out. */
export async function findRemedies(looked: Looked): Promise<readonly Remedy[]> {
  return remediesFor(
    looked,
    await surveyHost(process.env.PATH ?? '', process.getuid?.()),
    process.stdin.isTTY === true,
  );
}

/**
 * Mends what can be mended, one thing after the other, each shown with its commands and agreed to. All that is told goes to
 * standard error. `look` finds out how things are now.
 */
export async function mend(
  look: () => Promise<Looked>,
  { isSure, isDry, onlyEngine }: MendOptions,
  globals: GlobalOptions,
  signal: AbortSignal,
): Promise<void> {
  const tried = new Set<Remedy['id']>();
  for (;;) {
    const looked = await look();
    const left = (await findRemedies(looked)).filter(
      ({ id }) => !tried.has(id) && !(onlyEngine && id === 'raise-inotify'),
    );
    const [remedy] = left;
    if (remedy === undefined) return;
    tried.add(remedy.id);
    if (!(await isAgreedTo(remedy, { isSure, isDry }, signal))) continue;
    try {
      await carryOut(remedy, signal);
    } catch (error) {
      tellPeople(problemsOf(error), globals);
      if (remedy.note !== undefined) process.stderr.write(`  ${remedy.note}\n`);
      continue;
    }
    if (remedy.id === 'install-engine') await engineAnswers(installedWithin, signal);
    const isStarted = remedy.id !== 'start-engine' || (await engineAnswers(startedWithin, signal));
    if (!isStarted || remedy.id === 'join-group') process.stderr.write(`  ${remedy.note ?? ''}\n`);
  }
}

async function isAgreedTo(
  { what, commands, note }: Remedy,
  { isSure, isDry }: Pick<MendOptions, 'isSure' | 'isDry'>,
  signal: AbortSignal,
): Promise<boolean> {
  const isPossible = commands.length > 0;
  const lines = isPossible ? commands.map((command) => `  $ ${commandLine(command)}`) : [`  ${note ?? ''}`];
  process.stderr.write(`${[`to ${what}:`, ...lines].join('\n')}\n`);
  if (!isPossible || isDry || isSure) return isPossible && !isDry;
  if (process.stdin.isTTY !== true) {
    process.stderr.write('  nobody can be asked: --yes has it done\n');
    return false;
  }
  const questions = questionsOn(process.stderr, signal);
  const isWanted = await questions.ask('do that? [yN] ');
  questions.end();
  return isWanted;
}

/** How long an engine has until it answers, in milliseconds: packages start it, or do not; and once it was started. */
const installedWithin = 5_000;
const startedWithin = 30_000;

async function engineAnswers(within: number, signal: AbortSignal): Promise<boolean> {
  const { variables, options } = settingsInUse().engine;
  const deadline = performance.now() + within;
  for (;;) {
    if (await pingEndpoint(await resolveEndpoint(variables, options), 2000)) return true;
    if (performance.now() > deadline) return false;
    await setTimeout(200, undefined, { signal });
  }
}

/**
 * Where work has failed because no engine answers and one can be had, that is offered on a terminal, and then the work is
 * done; elsewhere the command is named by which it can be had. Throws what was thrown for everything else.
 */
export async function offerEngine(
  error: unknown,
  work: () => Promise<Outcome>,
  globals: GlobalOptions,
): Promise<Outcome> {
  if (globals.asCompose || !(error instanceof ProblemsError)) throw error;
  const errors = error.problems.filter(({ severity }) => severity === 'error');
  if (errors.some(({ code }) => code !== 'engine-unreachable')) throw error;
  const { signal } = new AbortController();
  const remedies = await findRemedies(await lookAtEngine(signal));
  if (!remedies.some(({ id, commands }) => id !== 'raise-inotify' && commands.length > 0)) throw error;
  if (globals.json === true || !isInteractive(globals))
    throw new ProblemsError(error.problems.map(withOffer));
  tellPeople(error.problems, globals);
  const options = { isSure: false, isDry: false, onlyEngine: true };
  await mend(() => lookAtEngine(signal), options, globals, signal);
  if (!('about' in (await lookAtEngine(signal)).engine.answer)) return { exitCode: 1, problems: [] };
  return work();
}

async function lookAtEngine(signal: AbortSignal): Promise<Looked> {
  const { variables, options } = settingsInUse().engine;
  const [engines, machine] = await Promise.all([surveyEngines(variables, options, signal), surveyMachine()]);
  return { ...engines, machine };
}

function withOffer(problem: Problem): Problem {
  const { code, hint } = problem;
  if (code !== 'engine-unreachable') return problem;
  const offer = 'have one installed or started: stack doctor --fix';
  return { ...problem, hint: hint === undefined ? offer : `${hint}; or ${offer}` };
}
