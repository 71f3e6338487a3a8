import { label } from '../model/labels.ts';
import type { CreateContainer, CreateNetwork, CreateVolume } from '../model/plan.ts';
import type { Port, Service } from '../model/stack.ts';
import { withoutEmpty } from './body.ts';
import { nanoseconds } from './duration.ts';
import { mountsOf } from './mounts.ts';
import { resourcesOf } from './resources.ts';
import { securityOf } from './security.ts';

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
  const grace =
    service.stop_grace_period === undefined
      ? undefined
      : Math.floor(nanoseconds(service.stop_grace_period) / 1e9);
  return withoutEmpty({
    Image: action.image,
    Cmd: service.command,
    Entrypoint: service.entrypoint,
    Env: environmentOf(action),
    Labels: { ...action.labels, [label.image]: imageId, ...(grace === 0 && { [label.grace]: '0' }) },
    Hostname: service.hostname,
    Domainname: service.domainname,
    User: service.user,
    WorkingDir: service.working_dir,
    AttachStdin: action.oneOff?.input,
    AttachStdout: true,
    AttachStderr: true,
    Tty: service.tty,
    OpenStdin: service.stdin_open,
    StdinOnce: action.oneOff?.input,
    StopSignal: service.stop_signal,
    StopTimeout: grace,
    ExposedPorts: exposedPorts(service),
    Healthcheck: healthcheckOf(service),
    HostConfig: withoutEmpty({
      AutoRemove: action.oneOff?.remove,
      ConsoleSize: action.oneOff?.size && [action.oneOff.size.rows, action.oneOff.size.columns],
      ...mountsOf(action),
      ...resourcesOf(service),
      Annotations: service.annotations,
      Tmpfs: service.tmpfs === undefined ? undefined : Object.fromEntries(service.tmpfs.map(splitTmpfs)),
      PortBindings: portBindings(service.ports ?? []),
      RestartPolicy: restartPolicy(service),
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
      Links: action.links,
      Privileged: service.privileged,
      ReadonlyRootfs: service.read_only,
      ...securityOf(service.security_opt),
      Sysctls: service.sysctls,
      VolumesFrom: action.volumesFrom,
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
    Aliases: action.aside === true ? undefined : aliases,
    Links: action.links,
    IPAMConfig: withoutEmpty({
      IPv4Address: settings?.ipv4_address,
      IPv6Address: settings?.ipv6_address,
      LinkLocalIPs: settings?.link_local_ips,
    }),
    // That of the service is for its primary network.
    MacAddress:
      settings?.mac_address ?? (action.networks[0]?.key === key ? action.service.mac_address : undefined),
    DriverOpts: withoutEmpty({
      ...settings?.driver_opts,
      ...(settings?.interface_name && { 'com.docker.network.endpoint.ifname': settings.interface_name }),
    }),
    GwPriority: settings?.gw_priority,
  });
}

export function networkBody({ network, labels }: CreateNetwork): Record<string, unknown> {
  return withoutEmpty({
    Name: network.name,
    Driver: network.driver,
    Options: network.driver_opts,
    Internal: network.internal,
    Attachable: network.attachable,
    EnableIPv4: network.enable_ipv4,
    EnableIPv6: network.enable_ipv6,
    IPAM: withoutEmpty({
      Driver: network.ipam?.driver,
      Options: network.ipam?.options,
      Config: network.ipam?.config?.map((pool) =>
        withoutEmpty({
          Subnet: pool.subnet,
          Gateway: pool.gateway,
          IPRange: pool.ip_range,
          AuxiliaryAddresses: pool.aux_addresses,
        }),
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

/** The policy of `deploy` takes the place of `restart` as a whole. */
function restartPolicy({ restart, deploy }: Service): object | undefined {
  if (deploy?.restart_policy !== undefined) {
    const { condition = '', max_attempts } = deploy.restart_policy;
    const names: Readonly<Record<string, string>> = { any: 'always', none: 'no' };
    return withoutEmpty({ Name: names[condition] ?? condition, MaximumRetryCount: max_attempts });
  }
  if (restart === undefined) return undefined;
  const [name, retries] = restart.split(':');
  return withoutEmpty({ Name: name, MaximumRetryCount: retries === undefined ? undefined : Number(retries) });
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

function splitTmpfs(entry: string): [string, string] {
  const colon = entry.indexOf(':');
  return colon === -1 ? [entry, ''] : [entry.slice(0, colon), entry.slice(colon + 1)];
}
