import { maskLine } from '../model/masking.ts';
import type { Location, Problem, RelatedPlace } from '../model/problem.ts';
import { sanitiseProblem } from './harmless.ts';
import { createPainter, type Painter } from './paint.ts';
import { shownPath } from './paths.ts';
import { sanitiseText } from './sanitise.ts';
import { clip, clipStart, widthOf, wrapWords } from './width.ts';
import { formatCount, plural } from './words.ts';

export interface ProblemOptions {
  readonly colour: boolean;
  /** Absolute; files inside are shown relative to it. */
  readonly directory: string;
  /** Columns there are for a source line; longer ones are shown around the place. */
  readonly width?: number;
}

const causeLines = 20;
/** More than anyone reads at once. */
const mostProblems = 50;
/** What a place points at: a quoted value, a variable, a word or any one character. */
const searched = 1000;
const pointed =
  /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\$\{(?:[^{}]|\{[^{}]*\})*\}|[\p{L}\p{M}\p{N}_.$/-]+|.)/u;

/**
 * The words the user reads: each problem with its place, its line, what to do and what was said, then how many. Of very
 * many the first, errors before warnings.
 */
export function formatProblems(problems: readonly Problem[], options: ProblemOptions): string {
  if (problems.length === 0) return '';
  const isError = ({ severity }: Problem): boolean => severity === 'error';
  const byWeight = [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))];
  const shown = problems.length > mostProblems ? byWeight.slice(0, mostProblems) : problems;
  const blocks = shown.map((problem) => `${formatProblem(sanitiseProblem(problem), options).join('\n')}\n`);
  const left = problems.length - shown.length;
  if (left > 0) blocks.push(`… and ${formatCount(left)} more\n`);
  if (problems.length > 1) blocks.push(`${countProblems(problems)}\n`);
  return blocks.join('\n');
}

/** One problem, made harmless already, as lines without line ends. */
export function formatProblem(problem: Problem, options: ProblemOptions): readonly string[] {
  const paint = createPainter(options.colour);
  const { width = Infinity } = options;
  const severity = paint.bold(problem.severity === 'error' ? paint.red('error') : paint.yellow('warning'));
  const place =
    problem.location === undefined
      ? ''
      : `${paint.bold(formatLocation(problem.location, options.directory))} `;
  return [
    ...wrapWords(`${place}${severity}: ${problem.message}`, width, '  '),
    ...frame(problem, options, paint),
    ...(problem.hint === undefined ? [] : labelled('hint', problem.hint, paint, width)),
    ...(problem.related ?? []).flatMap((place) => formatRelated(place, options, paint)),
    ...formatCause(problem, paint, width),
  ];
}

/**
 * A problem below the words of another program for the same. Without such words, what has no place in a file begins with the
 * bare message, as other programs tell what went wrong.
 */
export function formatProblemAfter(
  words: string | undefined,
  problem: Problem,
  options: ProblemOptions,
): string {
  const harmless = sanitiseProblem(problem);
  const [head = '', ...rest] = formatProblem(harmless, options);
  const isBare = problem.location === undefined && problem.severity === 'error';
  const first =
    words === undefined
      ? [isBare ? harmless.message : head]
      : [...sanitiseText(words, { colour: false }), ...(words === problem.message ? [] : [head])];
  return [...first, ...rest, ''].join('\n');
}

/** `2 errors, 1 warning`. */
export function countProblems(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  return [
    ...(errors === 0 ? [] : [plural(errors, 'error')]),
    ...(warnings === 0 ? [] : [plural(warnings, 'warning')]),
  ].join(', ');
}

/** `stack.yaml:12:5`, in the form that editors and terminals make a link of. */
export function formatLocation({ file, line, column }: Location, directory: string): string {
  return `${shownPath(file, directory)}:${line}:${column}`;
}

/** A problem for programs: its source line is shown to people by many of them. */
export function withoutSecrets(problem: Problem): Problem {
  const { location, sourceLine } = problem;
  if (location === undefined || sourceLine === undefined) return problem;
  return { ...problem, sourceLine: withoutCredentials(sourceLine, location.column - 1) };
}

/** The source line with its number, and below it what the place points at. */
function frame(
  { location, sourceLine }: Problem,
  { width = 100 }: ProblemOptions,
  paint: Painter,
): readonly string[] {
  if (location === undefined || sourceLine === undefined) return [];
  const number = String(location.line);
  const written = sourceLine.trimEnd();
  if (written === '') return [];
  const start = Math.min(Math.max(0, location.column - 1), written.length);
  const line = withoutCredentials(written, start);
  const room = Math.max(20, width - number.length - 5);
  const { text, offset, length } = around(line, start, room);
  return [
    `  ${paint.dim(`${number} |`)} ${text}`,
    `  ${paint.dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(offset)}${paint.red('^'.repeat(length))}`,
  ];
}

/** What the place points at is what the problem is about; it stays, but for passwords of addresses. */
function withoutCredentials(line: string, start: number): string {
  const end = start + (pointed.exec(line.slice(start, start + searched))?.[0] ?? '').length;
  const masked = maskLine(line);
  return masked.slice(0, start) + maskLine(line.slice(start, end)) + masked.slice(end);
}

/** A line as far as there is room, and which columns of it the place takes then. */
function around(line: string, start: number, room: number): { text: string; offset: number; length: number } {
  const before = line.slice(0, start);
  const rest = line.slice(start);
  const place = clip(pointed.exec(rest.slice(0, searched))?.[0] ?? '', room, '');
  const needed = Math.max(1, widthOf(place));
  // The place stays in sight, with some of what follows it if the line has to be cut before it.
  const left =
    fits(line, room) || fits(before + place, room - 1)
      ? before
      : clipStart(before, Math.max(1, Math.floor(room * 0.7) - needed), '…');
  const offset = widthOf(left);
  return {
    text: left + clip(rest, room - offset, '…'),
    offset,
    length: Math.max(1, Math.min(needed, room - offset)),
  };
}

function fits(text: string, width: number): boolean {
  return clip(text, width, '') === text;
}

/** `  hint: …`, with what does not fit on a row, and further lines, below its first word. */
export function labelled(
  name: string,
  text: string,
  paint: Painter,
  width: number = Infinity,
): readonly string[] {
  const indent = `  ${' '.repeat(name.length + 1)} `;
  const [first = '', ...more] = text.split('\n');
  const lines = [`  ${paint.cyan(`${name}:`)} ${first}`, ...more.map((line) => `${indent}${line}`)];
  return lines.flatMap((line) => wrapWords(line, width, indent));
}

function formatRelated(
  { message, location }: RelatedPlace,
  options: ProblemOptions,
  paint: Painter,
): readonly string[] {
  const place = location === undefined ? '' : `${formatLocation(location, options.directory)} `;
  return labelled('see', `${place}${message}`, paint, options.width);
}

/** What was said, word for word; of much only the end, where programs tell what went wrong. */
function formatCause(problem: Problem, paint: Painter, width: number): readonly string[] {
  const lines = causeOf(problem);
  const shown = lines.slice(-causeLines);
  const left = lines.length - shown.length;
  return [
    ...(left === 0 ? [] : [paint.dim(`    … ${plural(left, 'line')} before`)]),
    ...shown.flatMap((line) => wrapWords(`    ${line}`.trimEnd(), width, '    ')),
  ];
}

/** The lines of what was said, unless the message has said it already. */
export function causeOf({ message, cause = '' }: Problem): readonly string[] {
  return message.includes(cause.trim()) ? [] : cause.split('\n');
}
