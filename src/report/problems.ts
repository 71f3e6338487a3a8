import type { Location, Problem, RelatedPlace } from '../model/problem.ts';
import { createPainter, type Painter } from './paint.ts';
import { shownPath } from './paths.ts';
import { sanitiseLine, sanitiseText } from './sanitise.ts';
import { plural } from './words.ts';

export interface ProblemOptions {
  readonly colour: boolean;
  /** Absolute; files inside are shown relative to it. */
  readonly directory: string;
  /** Columns there are for a source line; longer ones are shown around the place. */
  readonly width?: number;
}

const causeLines = 20;

/** The words the user reads: each problem with its place, its line, what to do and what was said, then how many. */
export function formatProblems(problems: readonly Problem[], options: ProblemOptions): string {
  if (problems.length === 0) return '';
  const blocks = problems.map((problem) => `${formatProblem(problem, options).join('\n')}\n`);
  if (problems.length > 1) blocks.push(`${countProblems(problems)}\n`);
  return blocks.join('\n');
}

/** One problem as lines without line ends. */
export function formatProblem(problem: Problem, options: ProblemOptions): readonly string[] {
  const paint = createPainter(options.colour);
  const severity = paint.bold(problem.severity === 'error' ? paint.red('error') : paint.yellow('warning'));
  const [message = '', ...more] = sanitiseText(problem.message, { colour: false });
  const place =
    problem.location === undefined
      ? ''
      : `${paint.bold(formatLocation(problem.location, options.directory))} `;
  return [
    `${place}${severity}: ${message}`,
    ...more.map((line) => `  ${line}`),
    ...frame(problem, options, paint),
    ...(problem.hint === undefined ? [] : label('hint', problem.hint, paint)),
    ...(problem.related ?? []).flatMap((place) => formatRelated(place, options, paint)),
    ...formatCause(problem.cause, paint),
  ];
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
function formatLocation({ file, line, column }: Location, directory: string): string {
  return `${sanitiseLine(shownPath(file, directory), { colour: false })}:${line}:${column}`;
}

/** The source line with its number, and below it what the place points at. */
function frame(
  { location, sourceLine }: Problem,
  { width = 100 }: ProblemOptions,
  paint: Painter,
): readonly string[] {
  if (location === undefined || sourceLine === undefined) return [];
  const number = String(location.line);
  // A tab is one column in a file but several on a screen; one blank keeps the caret below its character.
  const plain = sourceLine.replaceAll('\t', ' ').replace(/\s+$/, '');
  const start = Math.min(Math.max(0, location.column - 1), plain.length);
  const length = Math.max(1, /^[\w.$/-]+/.exec(plain.slice(start))?.[0].length ?? 1);
  const room = Math.max(20, width - number.length - 5);
  const { text, offset } = around(plain, start, length, room);
  const caret = '^'.repeat(Math.max(1, Math.min(length, room - offset)));
  return [
    `  ${paint.dim(`${number} |`)} ${sanitiseLine(text, { colour: false })}`,
    `  ${paint.dim(`${' '.repeat(number.length)} |`)} ${' '.repeat(offset)}${paint.red(caret)}`,
  ];
}

/** As much of a line as there is room for, with the place in it and where the place is then. */
function around(line: string, start: number, length: number, room: number): { text: string; offset: number } {
  if (line.length <= room) return { text: line, offset: start };
  const end = Math.min(line.length, start + length);
  const from = end < room ? 0 : Math.min(start, Math.max(0, end - Math.floor(room * 0.7)));
  const left = from > 0 ? '…' : '';
  const right = from + room - left.length < line.length ? '…' : '';
  const text = line.slice(from, from + room - left.length - right.length);
  return { text: `${left}${text}${right}`, offset: start - from + left.length };
}

function label(name: string, text: string, paint: Painter): readonly string[] {
  const [first = '', ...more] = sanitiseText(text, { colour: false });
  return [
    `  ${paint.cyan(`${name}:`)} ${first}`,
    ...more.map((line) => `  ${' '.repeat(name.length + 1)} ${line}`),
  ];
}

function formatRelated(
  { message, location }: RelatedPlace,
  options: ProblemOptions,
  paint: Painter,
): readonly string[] {
  const place = location === undefined ? '' : `${formatLocation(location, options.directory)} `;
  return label('see', `${place}${message}`, paint);
}

/** What was said, word for word; of much only the end, where programs tell what went wrong. */
function formatCause(cause: string | undefined, paint: Painter): readonly string[] {
  if (cause === undefined || cause.trim() === '') return [];
  const lines = sanitiseText(cause, { colour: false });
  const shown = lines.slice(-causeLines);
  const left = lines.length - shown.length;
  return [
    ...(left === 0 ? [] : [paint.dim(`    … ${plural(left, 'line')} before`)]),
    ...shown.map((line) => `    ${line}`.trimEnd()),
  ];
}
