import type { Service, Stack } from '../model/stack.ts';

/** All services, each after those it depends on; otherwise in the order of the file. The stack has no cycles. */
export function inDependencyOrder(services: Stack['services']): readonly string[] {
  const ordered = new Set<string>();
  const visit = (name: string): void => {
    const service = services[name];
    if (service === undefined || ordered.has(name)) return;
    for (const dependency of dependenciesOf(services, service)) visit(dependency);
    ordered.add(name);
  };
  for (const name of Object.keys(services)) visit(name);
  return [...ordered];
}

/** Names of the services a service depends on that are part of this stack. */
function dependenciesOf(services: Stack['services'], service: Service): readonly string[] {
  return Object.keys(service.depends_on ?? {}).filter((name) => services[name] !== undefined);
}
