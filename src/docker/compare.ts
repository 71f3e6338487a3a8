import type Docker from 'dockerode';
import type { CreateContainer } from '../model/plan.ts';
import type { Difference } from '../model/runtime.ts';
import { call, EngineRefusal } from './api.ts';
import { inspectContainer } from './containers.ts';
import type { EngineHttp } from './http.ts';
import { withPeers } from './peers.ts';
import { withProxies } from './proxies.ts';
import { withProfiles } from './security.ts';
import { containerBody } from './translate.ts';

/**
 * In what a container differs from one that an action would make. What the file leaves open is the image's or the
 * engine's; the attributes whose defaults only the engine knows are not told.
 */
export async function compare(
  engine: EngineHttp,
  container: string,
  action: CreateContainer,
  signal: AbortSignal,
): Promise<readonly Difference[]> {
  const info = await inspectContainer(engine, container, signal);
  if (info === undefined) return [];
  const image = await imageConfig(engine, info.Image, signal);
  const has = partsOf({ ...info.Config, HostConfig: info.HostConfig });
  const planned = containerBody(
    await withPeers(engine, await withProfiles(action), signal),
    info.Image,
    action.networks,
  );
  const body: Body = withProxies(planned, engine.proxies);
  const wants = partsOf(withImage(body, image));
  // A replacement that was interrupted has left the former id before the name.
  has.set('container_name', info.Name.replace(/^\/(?:[0-9a-f]{12}_)?/, ''));
  wants.set('container_name', action.container.name);
  // The engine names a container's host after its id.
  if (body.Hostname === undefined) has.delete('hostname');
  if (action.service.network_mode === undefined) {
    has.set('networks', Object.keys(info.NetworkSettings.Networks));
    wants.set(
      'networks',
      action.networks.map(({ name }) => name),
    );
  }
  // They follow their container, whether the file names them or the image.
  const isInherited = (entry: string) => action.inheritedVolumes[entry] !== undefined;
  for (const side of [has, wants]) {
    side.set(
      'volumes',
      listOf(side.get('volumes')).filter((entry) => !isInherited(entry)),
    );
  }
  return [...new Set([...has.keys(), ...wants.keys()])].flatMap((path) =>
    differenceOf(path, has.get(path), wants.get(path)),
  );
}

/** What the engine is told of a container, and what it tells of one. */
type Body = Partial<Omit<Docker.ContainerInspectInfo['Config'], 'Healthcheck'>> & {
  readonly Healthcheck?: unknown;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly HostConfig?: Docker.HostConfig;
};

type Part = string | readonly string[];

function differenceOf(path: string, has: Part | undefined, wants: Part | undefined): Difference[] {
  const isList = Array.isArray(has) || Array.isArray(wants);
  // Of a list only what is not on both sides.
  const from = isList ? without(listOf(has), listOf(wants)) : has;
  const to = isList ? without(listOf(wants), listOf(has)) : wants;
  if (from === to) return [];
  return [
    {
      path,
      ...(typeof from === 'string' ? { from } : {}),
      ...(typeof to === 'string' ? { to } : {}),
    },
  ];
}

function listOf(part: Part | undefined): readonly string[] {
  if (part === undefined) return [];
  return typeof part === 'string' ? [part] : part;
}

function without(entries: readonly string[], others: readonly string[]): string | undefined {
  const rest = entries.filter((entry) => !others.includes(entry));
  return rest.length === 0 ? undefined : rest.join(', ');
}

async function imageConfig(
  engine: EngineHttp,
  image: string,
  signal: AbortSignal,
): Promise<Docker.ImageInspectInfo['Config'] | undefined> {
  try {
    return (await call<Docker.ImageInspectInfo>(engine, 'GET', `/images/${image}/json`, { signal })).Config;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}

/** With the image's own where the file says nothing, as the engine fills it in. */
function withImage(body: Body, image: Docker.ImageInspectInfo['Config'] | undefined): Body {
  if (image === undefined) return body;
  const { Entrypoint = image.Entrypoint } = body;
  const named = new Set((body.Env ?? []).map(nameOf));
  return {
    ...image,
    ...body,
    Env: [...(image.Env ?? []).filter((entry) => !named.has(nameOf(entry))), ...(body.Env ?? [])],
    Labels: { ...image.Labels, ...body.Labels },
    ...(Entrypoint == null ? {} : { Entrypoint }),
    // An entrypoint of its own takes the image's command away.
    Cmd: body.Cmd ?? (body.Entrypoint === undefined ? image.Cmd : []) ?? [],
  };
}

function nameOf(assignment: string): string {
  return assignment.split('=', 1)[0] ?? '';
}

/** Attributes by their path below the service; what is empty is left out. */
function partsOf(body: Body): Map<string, Part> {
  const { HostConfig: host = {} } = body;
  const { RestartPolicy: policy, LogConfig: log } = host;
  const retries = policy?.MaximumRetryCount ?? 0;
  const restart = policy?.Name === 'no' ? '' : policy?.Name;
  const mode = host.NetworkMode ?? '';
  const parts: Record<string, unknown> = {
    image: body.Image,
    command: words(body.Cmd),
    entrypoint: words(body.Entrypoint),
    ...prefixed('environment', assignments(body.Env)),
    ...prefixed('labels', ownLabels(body.Labels)),
    hostname: body.Hostname,
    domainname: body.Domainname,
    user: body.User,
    working_dir: body.WorkingDir,
    tty: body.Tty,
    stdin_open: body.OpenStdin,
    stop_signal: body.StopSignal,
    stop_grace_period: body.StopTimeout == null ? undefined : `${body.StopTimeout}s`,
    healthcheck: body.Healthcheck === undefined ? undefined : JSON.stringify(body.Healthcheck),
    restart: retries > 0 ? `${restart}:${retries}` : restart,
    network_mode: /^(host|none|container:.*)$/.test(mode) ? mode : undefined,
    ports: portsOf(host),
    volumes: volumesOf(host),
    tmpfs: Object.keys(host.Tmpfs ?? {}),
    privileged: host.Privileged,
    read_only: host.ReadonlyRootfs,
    init: host.Init,
    pid: host.PidMode,
    mem_limit: host.Memory,
    mem_reservation: host.MemoryReservation,
    cpus: (host.NanoCpus ?? 0) / 1e9,
    cpu_shares: host.CpuShares,
    cpuset: host.CpusetCpus,
    pids_limit: host.PidsLimit,
    cap_add: host.CapAdd?.map(capability),
    cap_drop: host.CapDrop?.map(capability),
    devices: (host.Devices as Docker.DeviceMapping[] | null)?.map(
      ({ PathOnHost, PathInContainer }) => `${PathOnHost}:${PathInContainer}`,
    ),
    dns: host.Dns,
    dns_opt: host.DnsOptions,
    dns_search: host.DnsSearch,
    extra_hosts: host.ExtraHosts,
    group_add: host.GroupAdd,
    security_opt: host.SecurityOpt,
    ...prefixed('sysctls', host.Sysctls),
    ...prefixed('logging.options', log?.Config),
  };
  return new Map(Object.entries(parts).flatMap(([path, value]) => partOf(path, value)));
}

function partOf(path: string, value: unknown): readonly (readonly [string, Part])[] {
  // A variable and a label may be empty on purpose.
  if (value === '' && path.includes('.')) return [[path, '']];
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return [];
  if (Array.isArray(value)) return [[path, value.map(String)]];
  return [[path, String(value)]];
}

function prefixed(path: string, values: Readonly<Record<string, string>> | null | undefined): object {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [`${path}.${name}`, value]));
}

function assignments(entries: readonly string[] | null | undefined): Record<string, string> {
  const assigned = (entries ?? []).filter((entry) => entry.includes('='));
  return Object.fromEntries(assigned.map((entry) => [nameOf(entry), entry.slice(nameOf(entry).length + 1)]));
}

function ownLabels(labels: Readonly<Record<string, string>> | null | undefined): Record<string, string> {
  const own = Object.entries(labels ?? {}).filter(
    ([name]) => !/^(com\.docker\.compose|dev\.stack)\./.test(name),
  );
  return Object.fromEntries(own);
}

/** The order of the words counts. */
function words(command: string | readonly string[] | null | undefined): string | undefined {
  if (command === null || command === undefined) return undefined;
  return typeof command === 'string' ? command : command.join(' ');
}

function capability(name: string): string {
  return name.replace(/^CAP_/i, '').toUpperCase();
}

function portsOf({ PortBindings }: Docker.HostConfig): readonly string[] {
  const bindings = Object.entries((PortBindings ?? {}) as Docker.PortMap);
  return bindings.flatMap(([port, entries]) =>
    (entries ?? []).map(({ HostIp, HostPort }) =>
      [HostIp, HostPort, port].filter((part) => part !== undefined && part !== '').join(':'),
    ),
  );
}

/** Volumes without a name go by where they are mounted. */
function volumesOf({ Binds, Mounts }: Docker.HostConfig): readonly string[] {
  const isNameless = (source: string | undefined) => !source || /^[0-9a-f]{64}$/.test(source);
  return [
    ...(Binds ?? []).map((bind) => bind.replace(/:rw$/, '')),
    ...(Mounts ?? []).map(({ Source, Target, ReadOnly }) =>
      isNameless(Source) ? Target : `${Source}:${Target}${ReadOnly === true ? ':ro' : ''}`,
    ),
  ];
}
