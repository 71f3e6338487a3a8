import type { StepFailed } from '../../model/event.ts';
import type { Problem } from '../../model/problem.ts';
import { createPainter } from '../paint.ts';
import { countProblems, formatProblem } from '../problems.ts';
import { sanitiseLine } from '../sanitise.ts';
import type { StepView, View } from '../view.ts';
import { formatDuration } from '../words.ts';
import type { NarrateOptions, Notice } from './notice.ts';

export function tellFailure(
  { id, problem, milliseconds }: StepFailed,
  before: View,
  after: View,
  options: NarrateOptions,
): readonly Notice[] {
  const step = after.plan?.steps.get(id);
  const toldBefore = before.plan?.steps.get(id)?.state === 'failed';
  if (problem.code === 'service-exited' && isKnownToFail(problem.service, before)) return [];
  if (step === undefined || toldBefore || problem.severity === 'warning')
    return [tellProblem(problem, options)];
  const paint = createPainter(options.colour);
  const output = step.output.filter((line) => line.trim() !== '');
  const last = output.at(-1)?.trim();
  // Engines repeat the output of a failed build in their answer; once is enough.
  const repeated = last === undefined || (problem.cause?.includes(last) ?? false);
  return [
    {
      shape: 'bad',
      ...(step.service === undefined ? {} : { service: step.service }),
      text: describeFailedStep(step, milliseconds),
      details: [
        // Its own colours would end that of the whole.
        ...(repeated ? [] : output.map((line) => `  ${paint.dim(sanitiseLine(line, { colour: false }))}`)),
        ...formatProblem(problem, options),
      ],
    },
  ];
}

/** Whether its end was told when it was heard of, after what it wrote. */
function isKnownToFail(name: string | undefined, { services }: View): boolean {
  const service = services.find((other) => other.name === name);
  return service?.tail.length !== 0 && service?.replicas.some(({ state }) => state === 'failed') === true;
}

/** Titles are orders: `could not start container shop-web-1 (0.5s)`. */
function describeFailedStep({ title, condition }: StepView, milliseconds: number): string {
  const took = formatDuration(milliseconds);
  return condition === undefined ? `could not ${title} (${took})` : `${failedConditions[condition]} ${took}`;
}

const failedConditions: Readonly<Record<NonNullable<StepView['condition']>, string>> = {
  healthy: 'did not become healthy in',
  ready: 'did not become ready in',
  settled: 'did not stay up; waited',
  completed: 'did not end well; waited',
};

export function tellProblem(problem: Problem, options: NarrateOptions): Notice {
  const shape = problem.severity === 'error' ? 'bad' : 'paused';
  return {
    shape,
    ...(problem.service === undefined ? {} : { service: problem.service }),
    text: countProblems([problem]),
    details: formatProblem(problem, options),
  };
}
