import type { BuildExplanation, ExplainedStep } from '../model/explanation.ts';
import { formatLocation } from './problems.ts';
import { sanitiseField } from './sanitise.ts';
import { denseLayout, formatTable } from './table.ts';
import { formatDuration } from './words.ts';

/** Why the steps of builds were done: a line a step, with its place in the Dockerfile. */
export function formatExplanations(
  explanations: readonly BuildExplanation[],
  options: { readonly directory: string },
): string {
  return explanations.map((one) => formatExplanation(one, options)).join('\n');
}

function formatExplanation(
  { service, changes, steps }: BuildExplanation,
  { directory }: { readonly directory: string },
): string {
  const told = (changes ?? []).map(({ what, how }) => `  ${sanitiseField(what)} ${how}\n`);
  const head =
    changes === undefined
      ? `${service}: what its last image was made from is not known\n`
      : changes.length === 0
        ? `${service}: nothing has changed since its last build\n`
        : `${service}: since its last build\n${told.slice(0, longest).join('')}`;
  const more = told.length > longest ? `  and ${told.length - longest} more\n` : '';
  // The classic builder numbers its steps in another way.
  if (steps.length === 0)
    return `${head}${more}  the builder does not tell which steps came from its cache\n`;
  const table = formatTable(
    steps.map((step) => rowOf(step, directory)),
    denseLayout,
  );
  return head + more + table.replace(/ +$/gm, '');
}

const longest = 20;

function rowOf({ name, state, milliseconds, place, because }: ExplainedStep, directory: string): string[] {
  const words = {
    cached: 'cached',
    done: 'done',
    failed: 'failed',
    cancelled: 'broken off',
    running: 'broken off',
  };
  const where = place === undefined ? '' : formatLocation(place, directory).replace(/:\d+$/, '');
  const took = state === 'done' && milliseconds !== undefined ? formatDuration(milliseconds) : '';
  return [`  ${words[state]}`, where, sanitiseField(name), took, sanitiseField(because ?? '')];
}
