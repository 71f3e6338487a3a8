import {
  type Build,
  type Dependency,
  joinPath,
  type Mount,
  type Network,
  type Service,
  type StringMap,
  type Volume,
} from '../model/stack.ts';
import type { Draft, DraftBuild, DraftObject, DraftService } from './draft.ts';
import { homeIn, hostPath } from './paths.ts';
import type { Origins } from './plain.ts';
import type { Report } from './report.ts';

export interface Surrounding {
  readonly name: string;
  readonly directory: string;
  readonly variables: ReadonlyMap<string, string>;
  readonly origins: Origins;
  readonly report: Report;
}

/** The parts of a stack in their normal form. Env files are not read yet. */
export interface Parts {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
}

/** Fills in what the files leave open, as Docker Compose 2.40.3 does, so that later stages need no defaults. */
export function normalize(draft: Draft, surrounding: Surrounding): Parts {
  const services = mapValues(draft.services ?? {}, (service, name) =>
    normalService(service, name, surrounding),
  );
  const networks: Record<string, DraftObject<Network> | null> = { ...draft.networks };
  const usesDefault = Object.values(services).some((service) =>
    Object.hasOwn(service.networks ?? {}, 'default'),
  );
  if (usesDefault && !Object.hasOwn(networks, 'default')) networks.default = null;
  return {
    services,
    networks: mapValues(networks, (network, key) => {
      const { name: _, external, ...rest } = network ?? {};
      return { ...rest, ...nameOf(network, 'networks', key, surrounding) };
    }),
    volumes: mapValues(draft.volumes ?? {}, (volume, key) => {
      const { name: _, external, ...rest } = volume ?? {};
      return withDevicePath({ ...rest, ...nameOf(volume, 'volumes', key, surrounding) }, surrounding);
    }),
  };
}

function normalService(draft: DraftService, name: string, surrounding: Surrounding): Service {
  const { build, command, entrypoint, depends_on, image, networks, env_file, label_file, ...rest } = draft;
  const { variables } = surrounding;
  const dependencies = dependenciesOf(draft, name, surrounding.origins);
  return {
    ...rest,
    ...(build && { build: normalBuild(build, surrounding) }),
    ...(image && { image }),
    // Empty clears; nothing leaves the image's own.
    ...(command && { command }),
    ...(entrypoint && { entrypoint }),
    ...(Object.keys(dependencies).length > 0 && { depends_on: dependencies }),
    ...(rest.environment && {
      environment: mapValues(rest.environment, (value, key) => value ?? variables.get(key) ?? null),
    }),
    ...(rest.extra_hosts && { extra_hosts: rest.extra_hosts.toSorted() }),
    ...networksOf(draft),
    ...(rest.pull_policy === 'if_not_present' && { pull_policy: 'missing' }),
    ...(rest.volumes && { volumes: rest.volumes.map((mount) => normalMount(mount, surrounding)) }),
  };
}

function normalBuild(draft: DraftBuild, surrounding: Surrounding): Build {
  const { context = '.', args, ...rest } = draft;
  return {
    ...rest,
    context: isRemote(context) ? context : absolute(context, surrounding),
    ...(rest.dockerfile === undefined &&
      rest.dockerfile_inline === undefined && { dockerfile: 'Dockerfile' }),
    ...(args && { args: buildArgs(args, surrounding) }),
  };
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

function isRemote(context: string): boolean {
  return context.includes('://') || /^(?:service:|github\.com\/|git@)/.test(context);
}

/** What the file says and what follows from links and from a shared network. */
function dependenciesOf(draft: DraftService, name: string, origins: Origins): Record<string, Dependency> {
  const dependencies = new Map<string, Dependency>();
  for (const [other, dependency] of Object.entries(draft.depends_on ?? {})) {
    const { condition = 'service_started', required = true } = dependency;
    dependencies.set(other, { ...dependency, condition, required });
  }
  const path = joinPath('services', name);
  const imply = (other: string, from: string) => {
    if (dependencies.has(other)) return;
    dependencies.set(other, { condition: 'service_started', restart: true, required: true });
    const origin = origins[`${path}.${from}`];
    if (origin !== undefined) origins[joinPath(`${path}.depends_on`, other)] = origin;
  };
  for (const [index, link] of (draft.links ?? []).entries()) {
    const parts = link.split(':');
    imply(parts.length === 2 ? (parts[0] ?? link) : link, `links[${index}]`);
  }
  const shared = /^service:(.+)$/.exec(draft.network_mode ?? '')?.[1];
  if (shared !== undefined) imply(shared, 'network_mode');
  return Object.fromEntries(dependencies);
}

function networksOf(draft: DraftService): Pick<Service, 'networks'> {
  const { networks, network_mode } = draft;
  if (networks !== undefined && Object.keys(networks).length > 0) return { networks };
  return network_mode === undefined ? { networks: { default: null } } : {};
}

function normalMount(mount: Mount, surrounding: Surrounding): Mount {
  return mount.type === 'bind' ? { ...mount, source: absolute(mount.source, surrounding) } : mount;
}

/** How the engine knows a network or volume. */
function nameOf(
  draft: DraftObject<Network> | DraftObject<Volume> | null,
  section: 'networks' | 'volumes',
  key: string,
  surrounding: Surrounding,
): { readonly name: string; readonly external?: true } {
  const { name, external } = draft ?? {};
  const oldName = typeof external === 'object' ? external.name : undefined;
  if (typeof external === 'object') tellOldExternal(`${joinPath(section, key)}.external`, surrounding);
  if (external === undefined || external === false) return { name: name || `${surrounding.name}_${key}` };
  return { name: oldName || name || key, external: true };
}

function tellOldExternal(path: string, { origins, report }: Surrounding): void {
  const location = origins[path];
  report({
    code: 'obsolete-key',
    severity: 'warning',
    message: `\`${path}.name\` is an old spelling`,
    path,
    hint: 'write `name:` and `external: true`',
    ...(location && { location }),
  });
}

/** A folder of this machine that the file tells the local driver to mount is relative to the project directory. */
function withDevicePath(volume: Volume, surrounding: Surrounding): Volume {
  const { driver, driver_opts } = volume;
  if (driver !== 'local' || driver_opts?.o !== 'bind' || driver_opts.device === undefined) return volume;
  return { ...volume, driver_opts: { ...driver_opts, device: absolute(driver_opts.device, surrounding) } };
}

function absolute(path: string, { directory, variables }: Surrounding): string {
  return hostPath(path, directory, homeIn(variables));
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  change: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
