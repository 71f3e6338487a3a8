import type { PlannedStep } from '../../model/event.ts';
import type { PlanView, ServiceView, StepView, View } from '../view.ts';

/** How services came up, on one axis of time: milliseconds since the plan was made. */
export interface Timeline {
  readonly project: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Until the last of it was ready, or until now. */
  readonly total: number;
  /** Whether something of it goes on still. */
  readonly running: boolean;
  /** In the order of the file; without those that had nothing to do. */
  readonly services: readonly ServiceTimeline[];
}

export interface ServiceTimeline {
  readonly service: string;
  /** In the order in which they began; of one kind they may overlap. */
  readonly bars: readonly Bar[];
  /** When it was ready; absent: not yet, or it failed. */
  readonly readyAt?: number;
  readonly failed: boolean;
}

export type Phase = 'pull' | 'build' | 'create' | 'start' | 'ready';

export interface Bar {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
  /** What was done, as an order: `build image coins-rng`. */
  readonly title: string;
  /** Had it been quicker, all would have been. */
  readonly critical: boolean;
  /** Of a build, the step that took longest of those that were not in the cache. */
  readonly slowest?: { readonly name: string; readonly milliseconds: number };
}

/** How the services came up, from the last plan that brought them up; undefined where that had nothing to do. */
export function timelineOf(view: View, now: number): Timeline | undefined {
  const plan = view.startup;
  if (plan === undefined) return undefined;
  const critical = criticalSteps(plan, now);
  const services = view.services.flatMap((service) => {
    const timeline = serviceTimeline(service, plan, critical, now);
    return timeline === undefined ? [] : [timeline];
  });
  if (services.length === 0) return undefined;
  const ends = services.flatMap(({ bars }) => bars.map(({ to }) => to));
  return {
    project: view.name,
    startedAt: plan.madeAt,
    total: Math.max(...ends),
    running: [...plan.steps.values()].some(({ state }) => state === 'running'),
    services,
  };
}

function serviceTimeline(
  service: ServiceView,
  plan: PlanView,
  critical: ReadonlySet<StepView>,
  now: number,
): ServiceTimeline | undefined {
  const steps = plan.steps.of(service.name);
  const bars = steps
    .flatMap((step): readonly Bar[] => {
      const phase = phases[step.kind];
      const span = spanOf(step, plan, now);
      if (phase === undefined || span === undefined) return [];
      const slowest = phase === 'build' ? slowestPart(step) : undefined;
      const isCritical = critical.has(step);
      return [{ phase, ...span, title: step.title, critical: isCritical, ...(slowest && { slowest }) }];
    })
    .toSorted((a, b) => a.from - b.from);
  if (bars.length === 0) return undefined;
  const awaited = bars.some(({ phase }) => phase === 'ready');
  const all = awaited ? bars : [...bars, ...waitUntilReady(service.readyAt, bars, plan)];
  const failed = steps.some(({ state }) => state === 'failed');
  const isOver = steps.every(({ state }) => state === 'done');
  const readyAt = Math.max(...all.map(({ to }) => to));
  return { service: service.name, bars: all, failed, ...(isOver && !failed ? { readyAt } : {}) };
}

/** No step waited for it. */
function waitUntilReady(readyAt: number | undefined, bars: readonly Bar[], plan: PlanView): readonly Bar[] {
  const started = bars.findLast(({ phase }) => phase === 'start');
  if (readyAt === undefined || started === undefined) return [];
  const to = readyAt - plan.madeAt;
  // What has no test of its health is ready as soon as it runs.
  if (to - started.to < shortestWait) return [];
  return [{ phase: 'ready', from: started.to, to, title: 'wait until it is healthy', critical: false }];
}

/** Events take a moment to be told. */
const shortestWait = 100;

/** What the steps of a plan are to someone who looks at the time; the rest takes none worth showing. */
const phases: Readonly<Partial<Record<PlannedStep['kind'], Phase>>> = {
  'pull-image': 'pull',
  'build-image': 'build',
  'create-container': 'create',
  'start-container': 'start',
  'run-pre-start': 'start',
  'run-hook': 'start',
  'provide-service': 'start',
  'prepare-model': 'pull',
  'await-condition': 'ready',
};

function spanOf(
  { startedAt, milliseconds }: StepView,
  { madeAt }: PlanView,
  now: number,
): { readonly from: number; readonly to: number } | undefined {
  if (startedAt === undefined) return undefined;
  const from = Math.max(0, startedAt - madeAt);
  return { from, to: milliseconds === undefined ? Math.max(from, now - madeAt) : from + milliseconds };
}

/** From the step that ended last, back from each to that of those it waited for which ended last. */
function criticalSteps(plan: PlanView, now: number): ReadonlySet<StepView> {
  const endOf = (step: StepView): number => spanOf(step, plan, now)?.to ?? -1;
  const lastOf = (steps: readonly StepView[]): StepView | undefined =>
    steps.reduce<StepView | undefined>(
      (last, step) => (endOf(step) >= 0 && (last === undefined || endOf(step) > endOf(last)) ? step : last),
      undefined,
    );
  const all = [...plan.steps.values()];
  // A plan that was made after another was carried out, e.g. one of images, waited for all of that.
  const endedBefore = (step: StepView): readonly StepView[] => {
    const begin = spanOf(step, plan, now)?.from ?? 0;
    return all.filter((other) => other !== step && endOf(other) <= begin);
  };
  const path = new Set<StepView>();
  for (let step = lastOf(all); step !== undefined && !path.has(step); ) {
    path.add(step);
    step = lastOf(step.after.flatMap((id) => plan.steps.get(id) ?? [])) ?? lastOf(endedBefore(step));
  }
  return path;
}

function slowestPart({ parts }: StepView): Bar['slowest'] {
  const done = parts.flatMap(({ name, state, milliseconds }) =>
    state === 'done' && milliseconds !== undefined ? [{ name, milliseconds }] : [],
  );
  return done.toSorted((a, b) => b.milliseconds - a.milliseconds)[0];
}
