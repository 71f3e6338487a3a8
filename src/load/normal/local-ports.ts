import type { Service } from '../../model/stack.ts';

/** Services whose ports are published to this machine alone where they do not say an address. */
export function publishedLocally(
  services: Readonly<Record<string, Service>>,
): Readonly<Record<string, Service>> {
  const entries = Object.entries(services).map(([name, service]): [string, Service] => {
    const ports = service.ports?.map((port) => ({ ...port, host_ip: port.host_ip || '127.0.0.1' }));
    return [name, ports === undefined ? service : { ...service, ports }];
  });
  return Object.fromEntries(entries);
}
