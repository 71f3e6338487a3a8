import type { PlanMade, PlannedStep, StepProgressed } from '../../model/event.ts';
import { summarisePlan } from '../planned.ts';
import type { View } from '../view.ts';
import { plural } from '../words.ts';
import type { Notice } from './notice.ts';

/** What is done at once after a save is told by what it leads to and by its end; a plan of it would be noise. */
const quickKinds: ReadonlySet<PlannedStep['kind']> = new Set(['sync-files', 'run-command']);

export function tellPlan(event: PlanMade, after: View): readonly Notice[] {
  return [...tellUnbuilt(event), ...tellSteps(event, after)];
}

function tellUnbuilt({ unbuilt = [] }: PlanMade): readonly Notice[] {
  if (unbuilt.length === 0) return [];
  const what = unbuilt.length === 1 ? 'nothing it is built from has' : 'nothing they are built from has';
  const text = `${unbuilt.join(', ')}: ${what} changed; \`stack build\` asks the builder all the same`;
  return [{ shape: 'done', text }];
}

function tellSteps({ purpose, steps }: PlanMade, after: View): readonly Notice[] {
  if (purpose === 'change' && steps.length > 0 && steps.every(({ kind }) => quickKinds.has(kind))) return [];
  const summary = summarisePlan(steps);
  if (summary !== '')
    return [
      { shape: 'busy', text: `plan: ${summary}`, details: purpose === 'change' ? [] : tellReasons(steps) },
    ];
  const nothing = nothingTo[purpose];
  if (nothing !== undefined) return [{ shape: 'done', text: nothing }];
  const all = after.services.length;
  const runs = all === 1 ? 'the service runs' : `all ${plural(all, 'service')} run`;
  return [{ shape: 'done', text: `nothing to do: ${runs} as the file says` }];
}

/** What an empty plan means; without words of its own everything is as the file says. */
const nothingTo: Readonly<Partial<Record<PlanMade['purpose'], string>>> = {
  change: 'no container had to change',
  create: 'nothing to create',
  pull: 'nothing to pull',
  push: 'nothing to push',
  build: 'nothing to build',
  start: 'nothing to start',
  restart: 'no container to restart',
  pause: 'no container to pause',
  unpause: 'no container to unpause',
  stop: 'nothing to stop',
  kill: 'no container to kill',
  remove: 'no stopped containers',
  gc: 'nothing is left over',
  down: 'nothing to stop or remove',
};

/** What happens to images and containers that are there already needs a reason; with a change it was told before. */
function tellReasons(steps: PlanMade['steps']): readonly string[] {
  const has = (service: string | undefined, kind: PlannedStep['kind']): boolean =>
    steps.some((step) => step.service === service && step.kind === kind);
  return steps.flatMap(({ kind, service, because, stale, stopsFirst }) => {
    if (stale === true) return [`  rebuild ${service}: ${because}`];
    const manner = stopsFirst === undefined ? '' : `; stops the old one first: ${stopsFirst}`;
    if (kind === 'create-container' && has(service, 'remove-container'))
      return [`  replace ${service}: ${because}${manner}`];
    const restarts =
      kind === 'start-container' && has(service, 'stop-container') && !has(service, 'create-container');
    return restarts ? [`  restart ${service}: ${because}`] : [];
  });
}

/** What a command that was asked for writes is worth reading while it goes on; of builds only when they fail. */
export function tellOutput({ id, progress }: StepProgressed, after: View): readonly Notice[] {
  const step = after.plan?.steps.get(id);
  if (step?.kind !== 'run-command') return [];
  const who = step.service === undefined ? {} : { service: step.service };
  return (progress.lines ?? []).map((text) => ({ shape: 'busy', ...who, text }));
}
