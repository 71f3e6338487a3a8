import type { ObservedContainer } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Service, Stack } from '../model/stack.ts';
import { countOf, replicasOf } from './decide.ts';
import { discover } from './discovery.ts';

/** A stack with what its configs and secrets contain that are no files. */
export interface Described {
  readonly stack: Stack;
  readonly contents: ReadonlyMap<string, string>;
}

/** In what a stack differs from what it was before. */
export interface StackChanges {
  /** The services it says something else of, and new ones. */
  readonly services: readonly string[];
  /** Those of them that are built in another way. */
  readonly builds: readonly string[];
  /** Services it had before and has no more. */
  readonly dropped: readonly string[];
  /** Networks that were there before and are to be others now. */
  readonly networks: readonly string[];
}

/** Compares what was carried out with what is to be. */
export function stackChanges(before: Described, now: Described): StackChanges {
  const names = Object.keys(now.stack.services);
  const known = before.stack.services;
  const services = names.filter((name) => partsOf(before, name) !== partsOf(now, name));
  const builds = services.filter((name) => {
    const { build } = now.stack.services[name] ?? {};
    return build !== undefined && JSON.stringify(known[name]?.build) !== JSON.stringify(build);
  });
  const isLeft = (name: string): boolean =>
    now.stack.services[name] === undefined && !now.stack.disabledServices.includes(name);
  const networks = Object.entries(now.stack.networks).flatMap(([key, network]) => {
    const former = before.stack.networks[key];
    return former !== undefined && JSON.stringify(former) !== JSON.stringify(network) ? [key] : [];
  });
  return { services, builds, dropped: Object.keys(known).filter(isLeft), networks };
}

/** All that a stack says of a service, with what the service uses of it. */
function partsOf({ stack, contents }: Described, name: string): string | undefined {
  const service = stack.services[name];
  if (service === undefined) return undefined;
  const used = (['configs', 'secrets'] as const).flatMap((section) =>
    (service[section] ?? []).map(({ source }) => [
      stack[section][source],
      contents.get(`${section}.${source}`),
    ]),
  );
  const volumes = (service.volumes ?? []).map((mount) =>
    mount.type === 'volume' ? stack.volumes[mount.source ?? ''] : undefined,
  );
  const models = Object.keys(service.models ?? {}).map((key) => stack.models[key]);
  const { variables } = discover(stack, name, service);
  return JSON.stringify([service, used, volumes, models, variables]);
}

/**
 * How many containers each service is to keep: as many as it has, because someone may have wished for another number,
 * unless the file has another number now. `begun`: those that have had containers.
 */
export function keptCounts(
  before: Stack,
  now: Stack,
  containers: readonly ObservedContainer[],
  begun: ReadonlySet<string>,
): Readonly<Record<string, number>> {
  const numberOf = (service: Service | undefined) =>
    service === undefined ? undefined : replicasOf(service);
  return Object.fromEntries(
    Object.entries(now.services).flatMap(([name, service]) => {
      const count = countOf(containers, name);
      const isKept = numberOf(before.services[name]) === numberOf(service);
      return isKept && (count > 0 || begun.has(name)) ? [[name, count]] : [];
    }),
  );
}

/** Containers that a plan removes without putting others in their place; by name. */
export function removedForGood({ steps }: Plan): readonly string[] {
  const created = steps.flatMap(({ action }) =>
    action.kind === 'create-container' ? [keyOf(action.container)] : [],
  );
  return steps.flatMap(({ action }) =>
    action.kind === 'remove-container' && !created.includes(keyOf(action.container))
      ? [action.container.name]
      : [],
  );
}

function keyOf({ service, number }: { readonly service: string; readonly number: number }): string {
  return `${service} ${number}`;
}
