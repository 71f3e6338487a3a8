import { unknownService } from '../model/nearest.ts';
import { failure } from '../model/problem.ts';
import { basesFor, type Service, type Stack } from '../model/stack.ts';

/** What the words of a command change about a stack, for as long as that command runs. */
export interface Choices {
  /** Services that are named; empty: all. */
  readonly services: readonly string[];
  /** Leave what the named services depend on as it is. */
  readonly alone?: boolean;
  /** How many containers, by service. */
  readonly scale?: Readonly<Record<string, number>>;
  /** In the place of every `pull_policy`. */
  readonly pull?: string | undefined;
}

/** The stack as a command wants it. Throws `unknown-service` for a service that is not part of it. */
export function withChoices(stack: Stack, { services, alone, scale = {}, pull }: Choices): Stack {
  const chosen = alone === true && services.length > 0 ? only(stack, services) : stack;
  for (const name of Object.keys(scale)) {
    if (chosen.services[name] === undefined)
      throw failure(unknownService(name, Object.keys(chosen.services)));
  }
  if (pull === undefined && Object.keys(scale).length === 0) return chosen;
  const changed = Object.entries(chosen.services).map(([name, service]): [string, Service] => [
    name,
    {
      ...service,
      ...(pull === undefined ? {} : { pull_policy: pull }),
      ...(scale[name] === undefined ? {} : { scale: scale[name] }),
    },
  ]);
  return { ...chosen, services: Object.fromEntries(changed) };
}

/** The named services with the networks and volumes that they use; the others count as switched off. */
export function only(stack: Stack, names: readonly string[]): Stack {
  const services = pick(stack.services, names);
  const used = Object.values(services);
  const networks = used.flatMap((service) => Object.keys(service.networks ?? {}));
  const volumes = used.flatMap((service) =>
    (service.volumes ?? []).flatMap((mount) => (mount.type === 'volume' ? [mount.source ?? ''] : [])),
  );
  const left = Object.keys(stack.services).filter((name) => services[name] === undefined);
  return {
    ...stack,
    services,
    bases: basesFor(services, { ...stack.bases, ...stack.services }),
    others: { ...stack.others, ...pick(stack.services, left) },
    networks: pick(stack.networks, networks),
    volumes: pick(stack.volumes, volumes),
    disabledServices: [...stack.disabledServices, ...left],
  };
}

function pick<Part>(parts: Readonly<Record<string, Part>>, names: readonly string[]): Record<string, Part> {
  return Object.fromEntries(Object.entries(parts).filter(([name]) => names.includes(name)));
}

/** The services of a stack that are named, or all. */
export function chosenServices(stack: Pick<Stack, 'services'>, named: readonly string[]): readonly string[] {
  const known = named.filter((name) => stack.services[name] !== undefined);
  return known.length > 0 ? known : Object.keys(stack.services);
}
