import type { ObservedState } from '../model/observed.ts';
import type { StepId } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { Stack } from '../model/stack.ts';
import { refOf } from './existing.ts';
import { retire } from './retire.ts';
import type { StepList } from './steps.ts';

export interface OrphanOptions {
  readonly removeOrphans?: boolean;
  /** Say nothing of containers of services that the file no longer has. */
  readonly ignoreOrphans?: boolean;
}

/** As with Docker Compose, also what is left of commands that were run once, but what still runs of them. */
export function planOrphans(
  list: StepList,
  stack: Stack,
  observed: ObservedState,
  { removeOrphans, ignoreOrphans }: OrphanOptions,
  gone: Map<string, StepId>,
  warnings: Problem[],
): void {
  const orphans = observed.containers.filter(({ service, oneOff, state }) =>
    oneOff
      ? state === 'exited' || state === 'dead'
      : stack.services[service] === undefined && !stack.disabledServices.includes(service),
  );
  if (removeOrphans === true) {
    for (const orphan of orphans) {
      const because = orphan.oneOff ? 'its command has ended' : 'the file has no such service';
      gone.set(orphan.id, retire(list, stack, refOf(orphan), orphan, because, 'services', []));
    }
    return;
  }
  const ended = orphans.filter(({ oneOff }) => oneOff).map(({ name }) => name);
  const unknown = orphans.filter(({ oneOff }) => !oneOff).map(({ name }) => name);
  if (ignoreOrphans === true) return;
  if (ended.length > 0) {
    warnings.push({
      code: 'orphan-containers',
      severity: 'warning',
      message: `the command of ${ended.join(', ')} has ended`,
      hint: 'add --remove-orphans to remove what is left of commands that were run once',
    });
  }
  if (unknown.length === 0) return;
  warnings.push({
    code: 'orphan-containers',
    severity: 'warning',
    message: `the file has no service for ${unknown.join(', ')}`,
    hint: 'add --remove-orphans to remove what is left of a removed or renamed service',
  });
}
