import { holderPrefix, label } from '../model/labels.ts';
import type { ObservedState } from '../model/observed.ts';
import type { StepId } from '../model/plan.ts';
import { failure } from '../model/problem.ts';
import type { StepList } from './steps.ts';

type Copies = Pick<ObservedState, 'volumes' | 'brokenCopies'>;

/**
 * Cleans up after copies that were broken off: whoever pauses for them goes on, and a volume that has got a part goes if it
 * was made for that, and is the project's or one of `others`. Gives what there is then, and by volume the step after which.
 */
export function endCopies<Observed extends Copies>(
  list: StepList,
  observed: Observed,
  project: string,
  others: readonly string[] = [],
): { readonly observed: Observed; readonly ended: ReadonlyMap<string, StepId> } {
  const ended = new Map<string, StepId>();
  const isOwn = (name: string): boolean =>
    others.includes(name) ||
    observed.volumes.some((volume) => volume.name === name && volume.labels[label.project] === project);
  for (const { helper, to, paused } of observed.brokenCopies ?? []) {
    const action = { kind: 'end-copy', helper, to, paused, removes: isOwn(to) } as const;
    ended.set(to, list.add(action, 'it was broken off', 'volumes'));
  }
  const volumes = observed.volumes.filter(({ name }) => !(ended.has(name) && isOwn(name)));
  return { observed: { ...observed, volumes }, ended };
}

/** Throws `undo-broken-off` if there is a volume that has got back a part of what it had: nobody is to use that. */
export function refuseHalfUndone({ brokenCopies = [], volumes }: Copies): void {
  const half = brokenCopies.find(
    ({ from, to }) => from.startsWith(holderPrefix) && volumes.some(({ name }) => name === to),
  );
  if (half === undefined) return;
  throw failure({
    code: 'undo-broken-off',
    message: `volume ${half.to} has got back only a part of what it had: stack undo was broken off`,
    hint: `all of it is kept, and comes back with stack undo ${half.from.slice(holderPrefix.length).replace(/-\d+$/, '')}`,
  });
}
