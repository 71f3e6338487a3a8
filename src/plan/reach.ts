import type { Service } from '../model/stack.ts';

type Services = Readonly<Record<string, Service>>;

/**
 * By what name a service reaches another one: `alias`, `localhost` where both have one network namespace, the name of the
 * service whose network that other one shares; undefined if nothing leads there.
 */
export function reachedBy(
  services: Services,
  from: string,
  other: string,
  alias: string,
): string | undefined {
  const here = networkOwner(services, from);
  const there = networkOwner(services, other);
  if (here === undefined || there === undefined) return undefined;
  const isOfHost = (name: string): boolean => services[name]?.network_mode === 'host';
  if (here === there || (isOfHost(here) && isOfHost(there))) return 'localhost';
  const networks = services[there]?.networks ?? {};
  const isShared = Object.keys(services[here]?.networks ?? {}).some((key) => Object.hasOwn(networks, key));
  if (!isShared) return undefined;
  return there === other ? alias : there;
}

/** The service whose network a service has: its own, or that of another one. */
function networkOwner(services: Services, name: string): string | undefined {
  const seen = new Set<string>();
  let owner = name;
  while (services[owner] !== undefined && !seen.has(owner)) {
    seen.add(owner);
    const [, shared] = /^service:(.+)$/s.exec(services[owner]?.network_mode ?? '') ?? [];
    if (shared === undefined) return owner;
    owner = shared;
  }
  return undefined;
}
