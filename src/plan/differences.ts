import { maskValue } from '../model/masking.ts';
import type { CreateContainer, Plan, Step } from '../model/plan.ts';
import type { Difference } from '../model/runtime.ts';
import { originOf, type Stack } from '../model/stack.ts';
import { configurationChanged } from './decide.ts';

/** Reasons down to the attribute: what a container has and what it is to have. */

export interface ChangedContainer {
  /** The container that is replaced because its configuration changed. */
  readonly id: string;
  /** What makes the one that takes its place. */
  readonly action: CreateContainer;
}

/** The containers of a plan of which only a comparison tells why they are replaced. */
export function changedContainers({ steps }: Plan): readonly ChangedContainer[] {
  return steps.flatMap(({ action, because }) => {
    if (action.kind !== 'create-container' || because !== configurationChanged) return [];
    const { name } = action.container;
    const removed = steps.find(
      (step) =>
        step.because === because &&
        step.action.kind === 'remove-container' &&
        step.action.container.name === name,
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
  const explained = (step: Step): Step => {
    if (step.because !== configurationChanged || !('container' in step.action)) return step;
    const { service, name } = step.action.container;
    const because = describe(stack, service, differences.get(name) ?? []);
    if (because === undefined) return step;
    // Told once; the others follow from it.
    return {
      ...step,
      because: step.action.kind === 'create-container' ? because : 'another one takes its place',
    };
  };
  return { ...plan, steps: plan.steps.map(explained) };
}

const longestList = 3;
const longestValue = 60;

/** `environment.DB_HOST: a → b, stack.yaml:14:9`. */
function describe(stack: Stack, service: string, differences: readonly Difference[]): string | undefined {
  if (differences.length === 0) return undefined;
  const texts = differences.slice(0, longestList).map(({ path, from, to }) => {
    const name = path.split('.').at(-1) ?? path;
    return `${path}: ${shown(name, from)} → ${shown(name, to)}${placeOf(stack, `services.${service}.${path}`)}`;
  });
  const more = differences.length - texts.length;
  return `${texts.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function shown(name: string, value: string | undefined): string {
  if (value === undefined) return '(none)';
  const masked = maskValue(name, value).replaceAll('\n', ' ');
  return masked.length > longestValue ? `${masked.slice(0, longestValue)}…` : masked;
}

function placeOf(stack: Stack, path: string): string {
  const location = originOf(stack, path);
  if (location === undefined) return '';
  const { file, line, column } = location;
  const folder = `${stack.directory}/`;
  return `, ${file.startsWith(folder) ? file.slice(folder.length) : file}:${line}:${column}`;
}
