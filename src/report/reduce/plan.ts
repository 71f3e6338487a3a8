import type { BuildPart, PlanMade, Progress, Purpose } from '../../model/event.ts';
import type { StepId } from '../../model/plan.ts';
import { stepsOf } from '../steps.ts';
import type { BuildPartView, PlanView, StepView, View } from '../view.ts';
import { mapService, refresh } from './services.ts';

const keptOutput = 40;
const keptParts = 200;

/** A plan was made: what failed before is history as far as it is about that. */
export function makePlan(
  { interrupted: _, ...view }: View,
  { purpose, ordered, steps, at }: PlanMade & { at: number },
): View {
  const stepViews = steps.map((step): StepView => ({ ...step, state: 'pending', output: [], parts: [] }));
  // Each service goes its own way when files change: what is under way for others goes on.
  const others = isUnderWay(view.plan) && purpose === 'change' ? view.plan : undefined;
  const whole = extended(others, purpose, stepViews, at);
  const plan = ordered === undefined ? whole : { ...whole, ordered };
  const startedAt = view.startedAt ?? at;
  // A change is about some services: what the others failed of stays true.
  const all = purpose !== 'change' || steps.length === 0;
  const isNewAttempt = ({ service }: { readonly service?: string | undefined }): boolean =>
    all || service === undefined || steps.some((step) => step.service === service);
  if (endsContainers.has(purpose)) return { ...view, plan, startedAt, phase: 'stopping' };
  const isUp = purpose === 'up';
  // Images that are to be fresh, and programs, come with plans of their own.
  const before = view.phase === 'starting' ? view.startup : undefined;
  return {
    ...view,
    plan,
    ...(isUp ? { startup: before === undefined ? plan : extended(before, 'up', stepViews, at) } : {}),
    startedAt,
    phase: purpose === 'change' ? 'changing' : 'starting',
    // A new attempt: what the one before failed of is history. Warnings of the file stay true.
    problems: view.problems.filter((problem) => problem.severity === 'warning' || !isNewAttempt(problem)),
    services: view.services.map((known) => {
      const { readyAt, ...before } = known;
      const service = isUp || readyAt === undefined ? before : known;
      const { failure: _, ...rest } = service;
      return isNewAttempt({ service: service.name }) ? rest : service;
    }),
  };
}

/** A plan of steps, and those of another one before them, which goes on. */
function extended(
  before: PlanView | undefined,
  purpose: Purpose,
  added: readonly StepView[],
  at: number,
): PlanView {
  const steps = stepsOf([...(before?.steps.values() ?? []), ...added]);
  const counts = { pending: 0, running: 0, done: 0, failed: 0, skipped: 0 };
  for (const step of steps.values()) counts[step.state] += 1;
  const { done, failed, skipped } = counts;
  return { purpose, steps, madeAt: before?.madeAt ?? at, done, failed, skipped, total: steps.size };
}

function isUnderWay(plan: PlanView | undefined): boolean {
  return plan?.purpose === 'change' && plan.settledAt === undefined;
}

/** After such a plan services are not expected to run. */
const endsContainers: ReadonlySet<Purpose> = new Set(['pause', 'stop', 'kill', 'remove', 'down']);

/** Something is known of a step, and so of its service and of the whole plan. */
export function changeStep(
  view: View,
  { id, at }: { id: StepId; at: number },
  change: Partial<Omit<StepView, 'id' | 'service'>>,
): View {
  const step = view.plan?.steps.get(id);
  if (step === undefined) return view;
  const changed = { ...step, ...change };
  const told = changePlan(view, (plan) => withStep(plan, step, changed));
  return settle(step.service === undefined ? told : refresh(noteStep(told, changed), at, step.service), at);
}

function withStep(plan: PlanView, before: StepView, after: StepView): PlanView {
  const steps = plan.steps.with(after);
  if (before.state === after.state) return { ...plan, steps };
  const count = (state: 'done' | 'failed' | 'skipped'): number =>
    plan[state] + (after.state === state ? 1 : 0) - (before.state === state ? 1 : 0);
  return { ...plan, steps, done: count('done'), failed: count('failed'), skipped: count('skipped') };
}

/** Changes the plan, also where it is one of those that bring services up. */
function changePlan(view: View, change: (plan: PlanView) => PlanView): View {
  const { plan, startup } = view;
  if (plan === undefined) return view;
  const next = change(plan);
  if (plan.purpose !== 'up' || startup === undefined) return { ...view, plan: next };
  return { ...view, plan: next, startup: startup === plan ? next : change(startup) };
}

/** What a step tells about its service beyond a state. */
function noteStep(view: View, step: StepView): View {
  return mapService(view, step.service, (service) => {
    const { activity: _, ...rest } = service;
    const told =
      step.state === 'running' && step.text !== undefined ? { ...rest, activity: step.text } : rest;
    return step.kind === 'build-image' ? { ...told, build: step } : told;
  });
}

/** How far a step is, and what it wrote. */
export function progress(
  view: View,
  id: StepId,
  { text, current, total, lines = [], parts = [] }: Progress,
  at: number,
): View {
  const { output = [], parts: known = [] } = view.plan?.steps.get(id) ?? {};
  return changeStep(
    view,
    { id, at },
    {
      ...(text === undefined ? {} : { text }),
      ...(current === undefined ? {} : { current }),
      ...(total === undefined ? {} : { total }),
      output: lines.length === 0 ? output : [...output, ...lines].slice(-keptOutput),
      parts: parts.reduce((before, part) => withPart(before, part, at), known),
    },
  );
}

function withPart(
  parts: readonly BuildPartView[],
  { lines = [], ...part }: BuildPart,
  at: number,
): readonly BuildPartView[] {
  const place = parts.findIndex(({ name }) => name === part.name);
  const known = parts[place];
  if (known === undefined) {
    const startedAt = at - (part.milliseconds ?? 0);
    return withoutSurplus([...parts, { ...part, startedAt, output: lines.slice(-keptOutput) }]);
  }
  const output = lines.length === 0 ? known.output : [...known.output, ...lines].slice(-keptOutput);
  return parts.with(place, { ...known, ...part, output });
}

/** What goes on and what went wrong has to be seen, however many steps there are. */
function withoutSurplus(parts: readonly BuildPartView[]): readonly BuildPartView[] {
  if (parts.length <= keptParts) return parts;
  const place = parts.findIndex(({ state }) => state === 'done' || state === 'cached');
  return parts.toSpliced(Math.max(place, 0), 1);
}

/** Once a plan's last step has ended, what it led to. */
export function settle(view: View, at: number): View {
  const { plan } = view;
  if (plan === undefined || plan.settledAt !== undefined) return view;
  if (plan.done + plan.failed + plan.skipped < plan.total) return view;
  const settled = changePlan(view, (told) => ({ ...told, settledAt: at }));
  if (plan.purpose === 'up' && plan.failed > 0 && view.phase === 'starting')
    return { ...settled, phase: 'failed' };
  if (plan.purpose !== 'change' || view.phase !== 'changing') return settled;
  const { last } = view.watch;
  // What someone ordered is no answer to what was saved before.
  const watch =
    last === undefined || plan.failed > 0 || plan.ordered === true
      ? view.watch
      : { ...view.watch, last: { ...last, milliseconds: at - last.at } };
  return { ...settled, phase: 'running', watch };
}
