import { label } from '../model/labels.ts';
import type { ObservedContainer } from '../model/observed.ts';
import type { ContainerRef } from '../model/plan.ts';
import { bare } from '../model/records.ts';
import type { Dependency, DependencyCondition, Stack } from '../model/stack.ts';

/** What plans for containers that exist know of services: from the stack, or without one from the labels. */
export interface KnownServices {
  /** In an order in which each comes after those it depends on. */
  readonly names: readonly string[];
  dependenciesOf(service: string): Readonly<Record<string, Dependency>>;
}

export function knownServices(
  stack: Pick<Stack, 'services'> | undefined,
  containers: readonly ObservedContainer[],
): KnownServices {
  const names =
    stack === undefined
      ? [...new Set(containers.map(({ service }) => service))]
      : Object.keys(stack.services);
  const dependenciesOf = (name: string): Readonly<Record<string, Dependency>> => {
    if (stack !== undefined) return stack.services[name]?.depends_on ?? {};
    const container = containers.find(({ service, oneOff }) => service === name && !oneOff);
    return container === undefined ? {} : dependenciesOfContainer(container);
  };
  return { names: inOrder(names, dependenciesOf), dependenciesOf };
}

/** Labels written by others may be circular: what is being visited already is not waited for. */
function inOrder(
  names: readonly string[],
  dependenciesOf: KnownServices['dependenciesOf'],
): readonly string[] {
  const entered = new Set<string>();
  const ordered: string[] = [];
  const visit = (name: string): void => {
    if (entered.has(name)) return;
    entered.add(name);
    for (const other of Object.keys(dependenciesOf(name))) if (names.includes(other)) visit(other);
    ordered.push(name);
  };
  for (const name of names) visit(name);
  return ordered;
}

/** What the label of a container tells, a list of `SERVICE:CONDITION:RESTART`. */
export function dependenciesOfContainer({ labels }: ObservedContainer): Readonly<Record<string, Dependency>> {
  const entries = (labels[label.dependsOn] ?? '').split(',').filter((entry) => entry !== '');
  const dependencies = entries.map((entry): [string, Dependency] => {
    const [service = '', condition = 'service_started', restart] = entry.split(':');
    return [
      service,
      { condition: condition as DependencyCondition, restart: restart === 'true', required: true },
    ];
  });
  return bare(Object.fromEntries(dependencies));
}

export function refOf({ service, number, name }: ObservedContainer): ContainerRef {
  return { service, number, name };
}
