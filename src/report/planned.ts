import type { PlannedStep } from '../model/event.ts';
import type { Action } from '../model/plan.ts';
import { plural } from './words.ts';

/** A plan in one line: `create 1 network, build 4 images, start 5 containers`. Empty for an empty plan. */
export function summarisePlan(steps: readonly PlannedStep[]): string {
  const count = (kind: PlannedStep['kind']): number => steps.filter((step) => step.kind === kind).length;
  const replaced = countReplaced(steps);
  const removed = count('remove-container') - replaced;
  const created = count('create-container') - replaced;
  const started = count('start-container') - replaced;
  // A container that is removed is stopped before; one of the two is enough to say.
  const stopped = Math.max(0, count('stop-container') - count('remove-container'));
  const parts: readonly (readonly [order: string, count: number, noun: string])[] = [
    ['create', count('create-network'), 'network'],
    ['create', count('create-volume'), 'volume'],
    ['clone', count('clone-volume'), 'volume'],
    ['pull', count('pull-image'), 'image'],
    ['build', count('build-image'), 'image'],
    ['push', count('push-image'), 'image'],
    ['publish', count('publish-project'), 'project'],
    ['provide', count('provide-service'), 'service'],
    ['prepare', count('prepare-model'), 'model'],
    ['replace', replaced, 'container'],
    ['create', created - Math.min(created, started), 'container'],
    ['start', started, 'container'],
    ['sync', count('sync-files'), 'container'],
    ['restart', count('restart-container'), 'container'],
    ['run', count('run-command'), 'command'],
    ['pause', count('pause-container'), 'container'],
    ['unpause', count('unpause-container'), 'container'],
    ['kill', count('kill-container'), 'container'],
    ['stop', stopped, 'container'],
    ['remove', removed, 'container'],
    ['take away', count('withdraw-service'), 'service'],
    ['remove', count('remove-network'), 'network'],
    ['keep', count('keep-volume'), 'volume'],
    ['remove', count('remove-volume'), 'volume'],
    ['forget', count('forget-volume'), 'volume'],
    ['clean up after', count('end-copy'), 'broken transfer'],
    ['remove', count('remove-image'), 'image'],
  ];
  return parts
    .filter(([, number]) => number > 0)
    .map(([order, number, noun]) => `${order} ${plural(number, noun)}`)
    .join(', ');
}

/** How many containers make way for new ones of the same service. */
function countReplaced(steps: readonly PlannedStep[]): number {
  let replaced = 0;
  for (const service of new Set(steps.map((step) => step.service))) {
    const count = (kind: Action['kind']): number =>
      steps.filter((step) => step.service === service && step.kind === kind).length;
    replaced += Math.min(count('create-container'), count('remove-container'), count('start-container'));
  }
  return replaced;
}
