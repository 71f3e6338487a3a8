import type { Finding } from '../model/facts.ts';
import type { Remedy } from '../model/remedy.ts';
import { jsonLine } from './json.ts';
import { createPainter, type Painter } from './paint.ts';
import { formatLocation } from './problems.ts';
import { sanitiseField } from './sanitise.ts';
import { plural } from './words.ts';

/** What was looked at, one line each, below it what mends it; at the end how much is wrong. */
export function formatFindings(
  findings: readonly Finding[],
  fixes: readonly Remedy[],
  { colour, directory }: { readonly colour: boolean; readonly directory: string },
): string {
  const paint = createPainter(colour);
  const lines = findings.flatMap(({ state, message, hint, cause, location }) => [
    `${mark(state, paint)} ${location === undefined ? '' : `${sanitiseField(formatLocation(location, directory))} `}${sanitiseField(message)}`,
    ...(hint === undefined ? [] : [`  ${paint.cyan('hint:')} ${sanitiseField(hint)}`]),
    ...(cause === undefined || message.includes(cause)
      ? []
      : cause.split('\n').map((line) => paint.dim(`    ${sanitiseField(line)}`))),
  ]);
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  const counts = [
    ...(problems === 0 ? [] : [plural(problems, 'problem')]),
    ...(warnings === 0 ? [] : [plural(warnings, 'warning')]),
  ];
  const verdict = counts.length === 0 ? 'nothing is wrong' : counts.join(', ');
  const offers = fixes
    .filter(({ commands }) => commands.length > 0)
    .map(({ what }) => `stack doctor --fix can ${what}`);
  return `${[...lines, '', verdict, ...offers].join('\n')}\n`;
}

/** One object on one line. */
export function formatFindingsJson(findings: readonly Finding[], fixes: readonly Remedy[]): string {
  return jsonLine({ v: 1, findings, fixes });
}

function mark(state: Finding['state'], paint: Painter): string {
  if (state === 'ok') return paint.green('✓');
  return state === 'warning' ? paint.yellow('!') : paint.red('✗');
}
