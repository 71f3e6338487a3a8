import { writeSync } from 'node:fs';
import { type Problem, problemsOf } from '../model/problem.ts';
import { formatProblemJson } from '../report/compose.ts';
import { composeWords, formatLogLine, type ProblemContext } from '../report/compose-problems.ts';
import { formatProblemAfter, formatProblems } from '../report/problems.ts';
import { keptCrash } from './crash.ts';
import { tellEvents } from './events.ts';
import type { GlobalOptions } from './program.ts';

/** Tells what a command could not go on with, on stderr or with `--json` as events on stdout; gives the exit code. */
export function tellFailure(error: unknown, globals: GlobalOptions): number {
  const problems = problemsOf(error);
  if (globals.json === true) {
    const report = tellEvents();
    for (const problem of problems)
      report({ type: 'problem-found', problem: keptCrash(problem), at: Date.now() });
  } else {
    tellPeople(problems, globals);
  }
  return 1;
}

/** Ends the program for an error that nobody has caught. It is told once the screens have given the terminal back. */
export function endByCrash(error: unknown): never {
  const options = { colour: false, directory: process.cwd() };
  const text = formatProblems(problemsOf(error).map(keptCrash), options);
  process.once('exit', () => writeSync(process.stderr.fd, text));
  process.exit(1);
}

/**
 * Problems on stderr, also where stdout is data. In the place of Docker Compose its own words come first, where it has some.
 */
export function tellPeople(
  found: readonly Problem[],
  globals: GlobalOptions,
  about?: Omit<ProblemContext, 'directory'>,
): void {
  if (found.length === 0) return;
  const problems = found.map((problem) => withOwnName(keptCrash(problem), globals));
  const directory = process.cwd();
  const wordsOf = (problem: Problem): string | undefined =>
    globals.asCompose ? composeWords(problem, { directory, ...about }) : undefined;
  if (globals.progress === 'json') {
    const lines = problems.map((problem) => formatProblemJson(problem, wordsOf(problem)));
    process.stderr.write(lines.join(''));
    return;
  }
  const { isTTY, columns } = process.stderr;
  const options = {
    colour: wantsColour(process.stderr, globals),
    directory,
    ...(isTTY && columns > 0 ? { width: columns } : {}),
  };
  if (!globals.asCompose) {
    process.stderr.write(formatProblems(problems, options));
    return;
  }
  const told = problems.map((problem) => {
    const words = wordsOf(problem);
    if (words !== undefined && problem.severity === 'warning' && !isTTY)
      return formatLogLine(words, Date.now());
    return formatProblemAfter(words, problem, options);
  });
  process.stderr.write(told.join(''));
}

/** Hints name commands of `stack`; who calls it by another name may have none of that. */
function withOwnName(problem: Problem, { calledAs }: GlobalOptions): Problem {
  const { hint } = problem;
  return hint === undefined ? problem : { ...problem, hint: hint.replace(ownCommand, calledAs) };
}

const ownCommand = /\bstack(?= (?:--profile|up|down|build|logs|pull|doctor|env|init)\b)/g;

/**
 * Whether this runs for a build machine, whose terminal, if it has one, nobody looks at. `--progress tty` and a screen
 * that is asked for say that someone does.
 */
export function isUnattended({ progress, ui }: Pick<GlobalOptions, 'progress' | 'ui'>): boolean {
  const { CI } = process.env;
  return CI !== undefined && CI !== '' && CI !== 'false' && progress !== 'tty' && ui === undefined;
}

/** Colours only where someone looks at them; `--ansi`, https://no-color.org and FORCE_COLOR decide first. */
export function wantsColour(stream: NodeJS.WriteStream, globals: GlobalOptions): boolean {
  const { color, ansi, asCompose } = globals;
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (!color || ansi === 'never' || (NO_COLOR !== undefined && NO_COLOR !== '')) return false;
  if (ansi === 'always') return true;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true;
  // Docker Compose colours what it writes to the terminals of build machines.
  return stream.isTTY === true && TERM !== 'dumb' && (asCompose || !isUnattended(globals));
}
