import { label } from '../model/labels.ts';
import type { CreateContainer, CreateNetwork, CreateVolume } from '../model/plan.ts';
import type { Mount, Port, Service } from '../model/stack.ts';
import { nanoseconds } from './duration.ts';

/**
 * The body of the engine's "create a container" call. `imageId` goes into the label that tells a newer image later;
 * `joined` are the networks that the engine connects with the same call.
 */
export function containerBody(
  action: CreateContainer,
  imageId: string,
  joined: CreateContainer['networks'],
): Record<string, unknown> {
  const { service } = action;
  const mounts = service.volumes ?? [];
  return withoutEmpty({
    Image: action.image,
    Cmd: service.command,
    Entrypoint: service.entrypoint,
    Env: environmentOf(action),
    Labels: { ...action.labels, [label.image]: imageId },
    Hostname: service.hostname,
    Domainname: service.domainname,
    User: service.user,
    WorkingDir: service.working_dir,
    Tty: service.tty,
    OpenStdin: service.stdin_open,
    StopSignal: service.stop_signal,
    StopTimeout:
      service.stop_grace_period === undefined
        ? undefined
        : Math.floor(nanoseconds(service.stop_grace_period) / 1e9),
    ExposedPorts: exposedPorts(service),
    Healthcheck: healthcheckOf(service),
    HostConfig: withoutEmpty({
      Binds: mounts.flatMap((mount) => bindOf(mount, action)),
      Mounts: [...mounts.flatMap((mount) => mountOf(mount, action)), ...inheritedMounts(action)],
      Tmpfs: service.tmpfs === undefined ? undefined : Object.fromEntries(service.tmpfs.map(splitTmpfs)),
      PortBindings: portBindings(service.ports ?? []),
      RestartPolicy: restartPolicy(service.restart),
      NetworkMode: service.network_mode ?? action.networks[0]?.name ?? 'none',
      CapAdd: service.cap_add,
      CapDrop: service.cap_drop,
      Dns: service.dns,
      DnsOptions: service.dns_opt,
      DnsSearch: service.dns_search,
      ExtraHosts: service.extra_hosts?.map((entry) => entry.replace('=', ':')),
      GroupAdd: service.group_add,
      Init: service.init,
      LogConfig:
        service.logging === undefined
          ? undefined
          : { Type: service.logging.driver ?? '', Config: service.logging.options ?? {} },
      Privileged: service.privileged,
      ReadonlyRootfs: service.read_only,
      SecurityOpt: service.security_opt,
      ShmSize: service.shm_size,
      Sysctls: service.sysctls,
    }),
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(
        joined.map((network) => [network.name, endpointBody(action, network)]),
      ),
    },
  });
}

/** The settings with which a container joins a network. */
export function endpointBody(
  action: CreateContainer,
  { key, aliases }: CreateContainer['networks'][number],
): Record<string, unknown> {
  const settings = action.service.networks?.[key];
  return withoutEmpty({
    Aliases: aliases,
    Links: action.links,
    IPAMConfig: withoutEmpty({ IPv4Address: settings?.ipv4_address, IPv6Address: settings?.ipv6_address }),
  });
}

export function networkBody({ network, labels }: CreateNetwork): Record<string, unknown> {
  return withoutEmpty({
    Name: network.name,
    Driver: network.driver,
    Options: network.driver_opts,
    Internal: network.internal,
    Attachable: network.attachable,
    EnableIPv6: network.enable_ipv6,
    IPAM: withoutEmpty({
      Driver: network.ipam?.driver,
      Config: network.ipam?.config?.map((pool) =>
        withoutEmpty({ Subnet: pool.subnet, Gateway: pool.gateway, IPRange: pool.ip_range }),
      ),
    }),
    Labels: labels,
  });
}

export function volumeBody({ volume, labels }: CreateVolume): Record<string, unknown> {
  return withoutEmpty({
    Name: volume.name,
    Driver: volume.driver,
    DriverOpts: volume.driver_opts,
    Labels: labels,
  });
}

/** The engine takes what is missing for "as the image says"; an empty command or entrypoint, however, clears it. */
function withoutEmpty(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).filter(([key, value]) => {
      if (value === undefined || value === null) return false;
      if (key === 'Cmd' || key === 'Entrypoint') return true;
      return typeof value !== 'object' || Object.keys(value).length > 0;
    }),
  );
}

function environmentOf({ discovery, service }: CreateContainer): string[] {
  const all: Record<string, string | null> = { ...discovery, ...service.environment };
  return Object.entries(all).map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

function exposedPorts(service: Service): Record<string, object> {
  const published = (service.ports ?? []).map((port) => `${port.target}/${port.protocol}`);
  const exposed = (service.expose ?? []).map((entry) => (entry.includes('/') ? entry : `${entry}/tcp`));
  return Object.fromEntries([...published, ...exposed].map((port) => [port, {}]));
}

function portBindings(ports: readonly Port[]): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  for (const port of ports) {
    const key = `${port.target}/${port.protocol}`;
    bindings[key] = [
      ...(bindings[key] ?? []),
      { HostIp: port.host_ip ?? '', HostPort: port.published ?? '' },
    ];
  }
  return bindings;
}

function restartPolicy(restart: string | undefined): object | undefined {
  if (restart === undefined) return undefined;
  const [name, retries] = restart.split(':');
  return { Name: name, ...(retries === undefined ? {} : { MaximumRetryCount: Number(retries) }) };
}

function healthcheckOf({ healthcheck }: Service): object | undefined {
  if (healthcheck === undefined) return undefined;
  const time = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : nanoseconds(text);
  return withoutEmpty({
    Test: healthcheck.disable === true ? ['NONE'] : healthcheck.test,
    Interval: time(healthcheck.interval),
    Timeout: time(healthcheck.timeout),
    StartPeriod: time(healthcheck.start_period),
    StartInterval: time(healthcheck.start_interval),
    Retries: healthcheck.retries,
  });
}

/**
 * Docker Compose sends binds that may create their host folder, and named volumes, in the engine's short text form,
 * and everything else as mounts; doing the same gives the same container.
 */
function bindOf(mount: Mount, action: CreateContainer): string[] {
  if (mount.type === 'tmpfs' || !isShort(mount)) return [];
  const source =
    mount.type === 'volume' ? (action.volumes[mount.source ?? ''] ?? mount.source) : mount.source;
  const options = [mount.read_only === true ? 'ro' : 'rw'];
  if (mount.type === 'bind') {
    if (mount.bind?.selinux !== undefined) options.push(mount.bind.selinux);
    if (mount.bind?.propagation !== undefined) options.push(mount.bind.propagation);
  } else if (mount.volume?.nocopy === true) {
    options.push('nocopy');
  }
  return [`${source}:${mount.target}:${options.join(',')}`];
}

function isShort(mount: Mount): boolean {
  if (mount.type === 'bind') return mount.bind?.create_host_path === true;
  return mount.type === 'volume' && mount.source !== undefined;
}

function mountOf(mount: Mount, action: CreateContainer): object[] {
  if (isShort(mount)) return [];
  if (mount.type === 'volume' && action.inheritedVolumes[mount.target] !== undefined) return [];
  const common = { Type: mount.type, Target: mount.target, ReadOnly: mount.read_only };
  if (mount.type === 'bind') {
    const propagation = mount.bind?.propagation;
    const options = propagation === undefined ? {} : { BindOptions: { Propagation: propagation } };
    return [withoutEmpty({ ...common, Source: mount.source, ...options })];
  }
  if (mount.type === 'tmpfs') {
    const options = withoutEmpty({ SizeBytes: mount.tmpfs?.size, Mode: mount.tmpfs?.mode });
    return [withoutEmpty({ ...common, TmpfsOptions: options })];
  }
  return [withoutEmpty(common)];
}

/** Those the image asks for are in no file and can be written to. */
function inheritedMounts({ inheritedVolumes, service }: CreateContainer): object[] {
  return Object.entries(inheritedVolumes).map(([target, name]) => {
    const written = service.volumes?.find((mount) => mount.target === target);
    return withoutEmpty({ Type: 'volume', Source: name, Target: target, ReadOnly: written?.read_only });
  });
}

function splitTmpfs(entry: string): [string, string] {
  const colon = entry.indexOf(':');
  return colon === -1 ? [entry, ''] : [entry.slice(0, colon), entry.slice(colon + 1)];
}
