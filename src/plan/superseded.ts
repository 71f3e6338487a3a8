import type { Action, Plan, Step } from '../model/plan.ts';
import type { Service, Stack } from '../model/stack.ts';
import { extrasOf, stackExtras } from '../model/x-stack.ts';
import { createStepList } from './steps.ts';

/** How many of the images that newer ones took the names of stay for each service, to go back to. */
export const keptImages = 3;

/**
 * How many earlier images of a service stay: as `x-stack.keep_images` of the service says, else that at the top, else as
 * many as are given.
 */
export function keptImagesOf(stack: Pick<Stack, 'extensions'>, service: Service, otherwise: number): number {
  const written = extrasOf(service).keep_images ?? stackExtras(stack).keep_images;
  return written === undefined || written === null ? otherwise : Number(written);
}

/**
 * The plan, and after all it does: the earlier images of services that are built and that are not to stay are removed. If
 * something fails before, all of them stay. That containers which have had their time go is not waited for: their image is the
 * newest of the earlier ones, which stays if any does.
 *
 * @param kept see `keptImagesOf`
 */
export function withoutSuperseded(plan: Plan, stack: Stack, kept: number): Plan {
  const keep = Object.entries(stack.services).flatMap(([name, service]) =>
    service.build === undefined ? [] : [[name, keptImagesOf(stack, service, kept)] as const],
  );
  if (keep.length === 0) return plan;
  const list = createStepList();
  const action = {
    kind: 'prune-images',
    project: stack.name,
    keep: Object.fromEntries(keep),
    optional: true,
  } as const;
  const isAwaited = keep.some(([, count]) => count === 0)
    ? () => true
    : ({ action }: Step) => !leaving.has(action.kind);
  const after = plan.steps.filter(isAwaited).map(({ id }) => id);
  list.add(action, 'newer ones took their names', 'services', after);
  return { ...plan, steps: [...plan.steps, ...list.steps] };
}

const leaving: ReadonlySet<Action['kind']> = new Set([
  'drain-container',
  'stop-container',
  'remove-container',
]);
