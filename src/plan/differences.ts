import { maskValue } from '../model/masking.ts';
import type { ContainerRef, CreateContainer, Plan, Step } from '../model/plan.ts';
import type { Difference } from '../model/runtime.ts';
import type { Stack } from '../model/stack.ts';
import { withReason } from './container.ts';
import { configurationChanged, discoveryChanged } from './decide.ts';
import { placeAfter } from './place.ts';

/** Reasons down to the attribute: what a container has and what it is to have. */

export interface ChangedContainer {
  /** The container that is replaced because its configuration changed. */
  readonly id: string;
  /** What makes the one that takes its place. */
  readonly action: CreateContainer;
}

/** Reasons that say nothing of what it is. */
const onlyCompared: ReadonlySet<string> = new Set([configurationChanged, discoveryChanged]);

/** The containers of a plan of which only a comparison tells why they are replaced. */
export function changedContainers({ steps }: Plan): readonly ChangedContainer[] {
  return steps.flatMap(({ action, because }) => {
    if (action.kind !== 'create-container' || !onlyCompared.has(because)) return [];
    const { container } = action;
    const removed = steps.find(
      (step) =>
        step.because === because &&
        step.action.kind === 'remove-container' &&
        isSameReplica(step.action.container, container),
    );
    return removed?.action.kind === 'remove-container' ? [{ id: removed.action.id, action }] : [];
  });
}

/** The plan with what differs, by the name of the container, in its reasons. */
export function withDifferences(
  plan: Plan,
  stack: Stack,
  differences: ReadonlyMap<string, readonly Difference[]>,
): Plan {
  const changed = changedContainers(plan);
  const explained = (step: Step): Step => {
    if (!onlyCompared.has(step.because) || !('container' in step.action)) return step;
    const { container } = step.action;
    // The one that goes may have another name.
    const made = changed.find(({ action }) => isSameReplica(action.container, container));
    const found = differences.get(made?.action.container.name ?? '') ?? [];
    const because = describe(stack, container.service, found);
    if (because === undefined) return step;
    // Told once; the others follow from it.
    if (step.action.kind !== 'create-container') return { ...step, because: 'another one takes its place' };
    return { ...step, action: withReason(step.action, because), because };
  };
  return { ...plan, steps: plan.steps.map(explained) };
}

function isSameReplica(one: ContainerRef, other: ContainerRef): boolean {
  return one.service === other.service && one.number === other.number;
}

const longestList = 3;
const longestValue = 60;

/** `environment.DB_HOST: a → b, stack.yaml:14:9`. */
function describe(stack: Stack, service: string, differences: readonly Difference[]): string | undefined {
  if (differences.length === 0) return undefined;
  const texts = differences.slice(0, longestList).map(({ path, from, to }) => {
    const name = path.split('.').at(-1) ?? path;
    return `${path}: ${shown(name, from)} → ${shown(name, to)}${placeAfter(stack, `services.${service}.${path}`)}`;
  });
  const more = differences.length - texts.length;
  return `${texts.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function shown(name: string, value: string | undefined): string {
  if (value === undefined) return '(none)';
  const masked = maskValue(name, value).replaceAll('\n', ' ');
  return masked.length > longestValue ? `${masked.slice(0, longestValue)}…` : masked;
}
