import { composeVersion, label } from '../model/labels.ts';
import type { BuildChange, ObservedState } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import { basesOf, imageOf, originOf, type Stack } from '../model/stack.ts';

/** Whether images that are there are those that a build would make now. */

/** Why the image of a service, which is there, is to be built anew, if it is known to be made from something else than it would be now. */
export function reasonToBuild(
  stack: Stack,
  observed: Pick<ObservedState, 'builds'>,
  name: string,
): string | undefined {
  const service = stack.services[name] ?? stack.bases?.[name];
  const { build } = service ?? {};
  const { builds = {} } = observed;
  if (service === undefined || build === undefined || builds[name] === undefined) return undefined;
  const image = imageOf(stack, name, service);
  const rivals = Object.entries(stack.services).filter(
    ([other, one]) => other !== name && one.build !== undefined && imageOf(stack, other, one) === image,
  );
  // Two builds for one name would take it from each other each time.
  if (rivals.some(([other]) => builds[other]?.state === 'current')) return undefined;
  if (builds[name].state === 'changed') return describeChanges(builds[name].changes);
  const base = basesOf(build).find(([, other]) => reasonToBuild(stack, observed, other) !== undefined);
  return base === undefined ? undefined : `${base[1]}, which it uses, is built anew`;
}

/** Whether the image of a service is there, and nothing is known that would make another one of it. */
export function isKnownFresh(stack: Stack, observed: Pick<ObservedState, 'builds'>, name: string): boolean {
  return observed.builds?.[name] !== undefined && reasonToBuild(stack, observed, name) === undefined;
}

/** Whether the image of a service is the very one that a builder would give if it were asked. */
export function isCertain(
  stack: Stack,
  { images, builds }: Pick<ObservedState, 'images' | 'builds'>,
  name: string,
): boolean {
  const service = stack.services[name];
  if (service?.build === undefined || builds?.[name]?.certain !== true) return false;
  // Of one that another build made the name is right, but not what is written on it.
  const { labels = {} } = images[imageOf(stack, name, service)] ?? {};
  return (
    labels[label.project] === stack.name &&
    labels[label.service] === name &&
    labels[label.version] === composeVersion
  );
}

const longestList = 2;

/** `package.json changed`, `src/a.js added, args.VERSION changed and 3 more`. */
export function describeChanges(changes: readonly BuildChange[]): string {
  const told = changes.slice(0, changes.length === longestList + 1 ? longestList + 1 : longestList);
  const words = told.map(({ what, how }) => `${what} ${how}`);
  const more = changes.length - told.length;
  return `${words.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Whether an image was made for a project, by another tool or before anything was kept of it, and is seen for the first time. */
export function isOfUnknownOrigin(
  { images, builds = {} }: Pick<ObservedState, 'images' | 'builds'>,
  name: string,
  image: string,
): boolean {
  return builds[name]?.state === 'unknown' && images[image]?.labels[label.project] !== undefined;
}

export function unknownOrigin(stack: Stack, service: string): Problem {
  return {
    ...about(stack, service),
    code: 'image-unknown',
    message: `what the image of ${service} was made from is not known: it is taken as it is`,
    hint: `changes are noticed from now on; if it may be stale already: stack build ${service}`,
  };
}

export function staleImage(stack: Stack, service: string, because: string, hint: string): Problem {
  return {
    ...about(stack, service),
    code: 'image-stale',
    message: `the image of ${service} is stale: ${because}`,
    hint,
  };
}

function about(stack: Stack, service: string): Pick<Problem, 'severity' | 'service' | 'path' | 'location'> {
  const path = `services.${service}.build`;
  const location = originOf(stack, path);
  return { severity: 'warning', service, path, ...(location && { location }) };
}
