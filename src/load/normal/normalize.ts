import { mapValues } from '../../model/records.ts';
import {
  type Build,
  type Config,
  type Dependency,
  joinPath,
  type Model,
  type Network,
  type Provider,
  type Secret,
  type Service,
  type StringMap,
  type Volume,
} from '../../model/stack.ts';
import type { Report } from '../report.ts';
import type {
  Draft,
  DraftBuild,
  DraftDependency,
  DraftObject,
  DraftProvider,
  DraftService,
} from './draft.ts';
import type { Origins } from './origins.ts';

export interface Surrounding {
  readonly name: string;
  readonly variables: ReadonlyMap<string, string>;
  readonly origins: Origins;
  readonly report: Report;
}

/** The parts of a stack in their normal form. Env files are not read yet. */
export interface Parts {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly configs: Readonly<Record<string, Config>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly models: Readonly<Record<string, Model>>;
}

/** Fills in what the files leave open, as Docker Compose 2.40.3 does, so that later stages need no defaults. */
export function normalize(draft: Draft, surrounding: Surrounding): Parts {
  const services = mapValues(draft.services ?? {}, (service, name) =>
    normalService(service, name, surrounding),
  );
  return {
    services,
    networks: named(networksWithDefault(draft.networks, services), surrounding),
    volumes: named(draft.volumes ?? {}, surrounding),
    configs: named(draft.configs ?? {}, surrounding),
    secrets: named(draft.secrets ?? {}, surrounding),
    models: draft.models ?? {},
  };
}

/** The networks, with the default one if a service uses it. */
export function networksWithDefault(
  networks: Draft['networks'] = {},
  services: Readonly<Record<string, Pick<DraftService, 'networks' | 'provider'>>>,
): NonNullable<Draft['networks']> {
  const usesDefault = Object.values(services).some(
    (service) => service.provider === undefined && Object.hasOwn(service.networks ?? {}, 'default'),
  );
  return usesDefault && !Object.hasOwn(networks, 'default') ? { ...networks, default: null } : networks;
}

/** The parts as the files have them, with nothing filled in but variables that are only named, and brought into order. */
export function asTheyAre(draft: Draft, { variables }: Surrounding): Parts {
  const unnamed = <Part extends object>(parts: Readonly<Record<string, Part | null>> | undefined) =>
    mapValues(parts ?? {}, (part) => ({ name: '', ...part }));
  const parts: object = {
    services: mapValues(draft.services ?? {}, ({ env_file, label_file, environment, ...service }) => ({
      ...service,
      ...(service.build && { build: { ...service.build, ...sortedHosts(service.build) } }),
      ...(service.depends_on && { depends_on: mapValues(service.depends_on, normalDependency) }),
      ...(environment && { environment: givenValues(environment, variables) }),
      ...sortedHosts(service),
      ...(service.provider && { provider: normalProvider(service.provider) }),
    })),
    networks: unnamed(draft.networks),
    volumes: unnamed(draft.volumes),
    configs: unnamed(draft.configs),
    secrets: unnamed(draft.secrets),
    models: draft.models ?? {},
  };
  return parts as Parts;
}

function givenValues(
  environment: NonNullable<Service['environment']>,
  variables: Surrounding['variables'],
): NonNullable<Service['environment']> {
  return mapValues(environment, (value, key) => value ?? variables.get(key) ?? null);
}

function normalService(draft: DraftService, name: string, surrounding: Surrounding): Service {
  const {
    build,
    command,
    deploy,
    develop,
    entrypoint,
    depends_on,
    image,
    networks,
    env_file,
    provider,
    pull_refresh_after,
    ...rest
  } = draft;
  const { variables } = surrounding;
  const dependencies = dependenciesOf(draft, name, surrounding.origins);
  return {
    ...rest,
    ...(build && { build: normalBuild(build, surrounding) }),
    ...(image && { image }),
    // Empty clears; nothing leaves the image's own.
    ...(command && { command }),
    ...(deploy && { deploy }),
    ...(develop && { develop }),
    ...(entrypoint && { entrypoint }),
    ...(Object.keys(dependencies).length > 0 && { depends_on: dependencies }),
    ...(rest.environment && { environment: givenValues(rest.environment, variables) }),
    ...sortedHosts(rest),
    ...networksOf(draft),
    ...(provider && { provider: normalProvider(provider) }),
    ...(rest.pull_policy === 'if_not_present' && { pull_policy: 'missing' }),
  };
}

/** `scale` is the number of replicas, too; Docker Compose 2.40.3 notes that where it checks that they are the same. */
export function withReplicas(services: Parts['services']): Parts['services'] {
  return mapValues(services, (service) => {
    const { deploy, scale } = service;
    return deploy === undefined || scale === undefined || deploy.replicas !== undefined
      ? service
      : { ...service, deploy: { ...deploy, replicas: scale } };
  });
}

function sortedHosts({ extra_hosts }: Pick<Build, 'extra_hosts'>): Pick<Build, 'extra_hosts'> {
  return extra_hosts === undefined ? {} : { extra_hosts: extra_hosts.toSorted() };
}

function normalBuild(draft: DraftBuild, surrounding: Surrounding): Build {
  const { context = '.', args, ...rest } = draft;
  return {
    ...rest,
    context,
    ...dockerfileOf(rest),
    ...(args && { args: buildArgs(args, surrounding) }),
    ...sortedHosts(rest),
  };
}

export function dockerfileOf(build: DraftBuild): { readonly dockerfile?: string } {
  return build.dockerfile === undefined && build.dockerfile_inline === undefined
    ? { dockerfile: 'Dockerfile' }
    : {};
}

/** Arguments without a value come from the environment; those that it does not have are dropped. */
function buildArgs(args: Readonly<Record<string, string | null>>, { variables }: Surrounding): StringMap {
  const given: [string, string][] = [];
  for (const [key, value] of Object.entries(args)) {
    const found = value ?? variables.get(key);
    if (found !== undefined) given.push([key, found]);
  }
  return Object.fromEntries(given);
}

/** What the file says and what follows from links, from shared namespaces and from mounts that are taken over. */
export function dependenciesOf(
  draft: DraftService,
  name: string,
  origins: Origins,
): Record<string, Dependency> {
  const dependencies = new Map<string, Dependency>();
  for (const [other, dependency] of Object.entries(draft.depends_on ?? {})) {
    dependencies.set(other, normalDependency(dependency));
  }
  const path = joinPath('services', name);
  const imply = (other: string, from: string, restart = true) => {
    if (dependencies.has(other)) return;
    dependencies.set(other, { condition: 'service_started', restart, required: true });
    const origin = origins[`${path}.${from}`];
    if (origin !== undefined) origins[joinPath(`${path}.depends_on`, other)] = origin;
  };
  for (const [index, link] of (draft.links ?? []).entries()) {
    const parts = link.split(':');
    imply(parts.length === 2 ? (parts[0] ?? link) : link, `links[${index}]`);
  }
  for (const key of ['network_mode', 'ipc', 'pid', 'uts'] as const) {
    const shared = /^service:(.*)$/s.exec(draft[key] ?? '')?.[1];
    if (shared !== undefined) imply(shared, key);
  }
  for (const [index, from] of (draft.volumes_from ?? []).entries()) {
    if (!from.startsWith('container:')) imply(from.split(':', 1)[0] ?? from, `volumes_from[${index}]`, false);
  }
  return Object.fromEntries(dependencies);
}

function normalDependency(dependency: DraftDependency): Dependency {
  const { condition = 'service_started', required = true } = dependency;
  return { ...dependency, condition, required };
}

/** The networks of a service: the default one if the file names none and nothing excludes it. */
export function networksOf(draft: DraftService): Pick<Service, 'networks'> {
  const { networks, network_mode, provider } = draft;
  if (networks !== undefined && Object.keys(networks).length > 0) return { networks };
  return network_mode === undefined && provider === undefined ? { networks: { default: null } } : {};
}

function normalProvider({ options, ...rest }: DraftProvider): Provider {
  if (options === undefined) return rest;
  return {
    ...rest,
    options: mapValues(options, (value) => (typeof value === 'string' ? [value] : value)),
  };
}

function named<Part extends Network | Volume | Config | Secret>(
  drafts: Readonly<Record<string, DraftObject<Part> | null>>,
  surrounding: Surrounding,
): Record<string, Omit<DraftObject<Part>, 'name' | 'external'> & { name: string; external?: true }> {
  return mapValues(drafts, (draft, key) => {
    const { name: _, external, ...rest } = draft ?? ({} as DraftObject<Part>);
    return { ...rest, ...nameOf(draft, key, surrounding) };
  });
}

/** How a part is known outside of the stack. */
export function nameOf(
  draft: Pick<DraftObject<Network>, 'name' | 'external'> | null,
  key: string,
  surrounding: Surrounding,
): { readonly name: string; readonly external?: true } {
  const { name, external } = draft ?? {};
  return external ? { name: name || key, external: true } : { name: name || `${surrounding.name}_${key}` };
}
