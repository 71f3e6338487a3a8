import { type Outcome, succeeded } from '../commands/outcome.ts';
import { findProject } from '../commands/project.ts';
import { failure } from '../model/problem.ts';
import { createPainter } from '../report/paint.ts';
import type { Timeline } from '../report/timeline/timeline.ts';
import { tipsFor, usualTotal } from '../report/timeline/tips.ts';
import { wrapWords } from '../report/width.ts';
import { formatDay, formatDuration, formatTime, plural } from '../report/words.ts';
import { textOfLine } from '../terminal/spans.ts';
import { layOutTimeline } from '../terminal/timeline.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readNumber } from './read-options.ts';
import { type KeptStart, readStarts } from './starts.ts';
import { wantsColour } from './tell.ts';

interface Options {
  /** `--last`: how many starts back. */
  readonly last?: string;
  readonly all?: true;
}

/** `stack timeline`: how the services came up the last time, or the times before, and what made it long. */
export async function runTimeline(
  _: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { last, all } = given as Options;
  const back = readNumber('--last', last) ?? 1;
  const { name, directory } = await findProject(loadRequest([], globals));
  const starts = await readStarts(directory, name);
  const index = starts.length - back;
  const start = starts[index];
  if (start === undefined) throw notKept(name, starts.length);
  if (globals.json === true) {
    const shown = all === true ? starts.toReversed() : [start];
    process.stdout.write(shown.map((one) => `${JSON.stringify(told(one, starts))}\n`).join(''));
    return succeeded;
  }
  const text = all === true ? listed(starts) : drawn(start, starts.slice(0, index), globals);
  process.stdout.write(text);
  return succeeded;
}

function told(start: KeptStart, starts: readonly KeptStart[]): object {
  const former = starts.slice(0, starts.indexOf(start)).map(({ timeline }) => timeline);
  return { v: 1, ...start.timeline, tips: tipsFor(start.timeline, former, start.intervals) };
}

/** All that are kept, the latest first, a line each: `1  2026-11-21 14:03:11  12.3s  longest: api build`. */
function listed(starts: readonly KeptStart[]): string {
  const lines = starts.toReversed().map(({ timeline }, index) => {
    const [longest] = timeline.services
      .flatMap(({ service, bars }) => bars.map((bar) => ({ service, ...bar })))
      .filter(({ critical }) => critical)
      .toSorted((a, b) => b.to - b.from - (a.to - a.from));
    const most =
      longest === undefined
        ? ''
        : `most of it: ${longest.title} (${formatDuration(longest.to - longest.from)})`;
    return `${String(index + 1).padStart(2)}  ${when(timeline)}  ${formatDuration(timeline.total).padStart(7)}  ${most}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

function drawn(
  { timeline, intervals }: KeptStart,
  before: readonly KeptStart[],
  globals: GlobalOptions,
): string {
  const colour = wantsColour(process.stdout, globals);
  const paint = createPainter(colour);
  const columns = process.stdout.columns || 80;
  const former = before.map((one) => one.timeline);
  const usual = usualTotal(former);
  const comparison = usual === undefined ? '' : `, usually ${formatDuration(usual)}`;
  const head = `${paint.bold(timeline.project)}  ready in ${formatDuration(timeline.total)}${comparison}  ${paint.dim(when(timeline))}`;
  const chart = layOutTimeline(timeline, {
    columns: columns - 1,
    rows: Number.POSITIVE_INFINITY,
    ascii: globals.ascii,
  }).map((line) => textOfLine(line, paint).trimEnd());
  const tips = tipsFor(timeline, former, intervals).flatMap((tip) =>
    wrapWords(`${paint.cyan('tip:')} ${tip}`, columns, '     '),
  );
  return [head, '', ...chart, ...(tips.length === 0 ? [] : ['', ...tips]), ''].join('\n');
}

function when({ startedAt }: Timeline): string {
  return `${formatDay(startedAt)} ${formatTime(startedAt)}`;
}

function notKept(project: string, count: number) {
  return failure({
    code: 'nothing-recorded',
    message:
      count === 0
        ? `no start of ${project} has been recorded`
        : `${plural(count, 'start')} of ${project} ${count === 1 ? 'is' : 'are'} recorded`,
    hint:
      count === 0
        ? 'stack up records what it starts; starts that had nothing to do are not'
        : 'stack timeline --all lists them',
  });
}
