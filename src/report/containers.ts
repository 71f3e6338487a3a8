import type { ExposedPort, ObservedContainer, PublishedPort } from '../model/observed.ts';
import { type Formattable, formatItems } from './formatted.ts';
import { formatAge, formatMoment } from './moments.ts';

export interface ContainersOptions {
  readonly project: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `table`, `table TEMPLATE`, `json` or a template. */
  readonly format: string;
  /** Ids, commands and mounts at full length. */
  readonly whole: boolean;
}

/** The list of `ps`, with the columns and keys of Docker Compose. */
export function formatContainers(
  containers: readonly ObservedContainer[],
  options: ContainersOptions,
): string {
  const formattable: Formattable<ObservedContainer> = {
    table: '{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}',
    headings,
    fields: (container) => fieldsOf(container, options),
    labels: ({ labels }) => labels,
  };
  return formatItems(options.format, containers, formattable);
}

const headings = {
  Command: 'COMMAND',
  CreatedAt: 'CREATED AT',
  ExitCode: 'EXIT CODE',
  Health: 'HEALTH',
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  Labels: 'LABELS',
  LocalVolumes: 'LOCAL VOLUMES',
  Mounts: 'MOUNTS',
  Name: 'NAME',
  Names: 'NAMES',
  Networks: 'NETWORKS',
  Ports: 'PORTS',
  Project: 'PROJECT',
  Publishers: 'PUBLISHERS',
  RunningFor: 'CREATED',
  Service: 'SERVICE',
  Size: 'SIZE',
  State: 'STATE',
  Status: 'STATUS',
};

function fieldsOf(
  container: ObservedContainer,
  { project, now, whole }: ContainersOptions,
): Record<keyof typeof headings, unknown> {
  const short = (text: string, length: number): string =>
    whole || text.length <= length ? text : `${text.slice(0, length - 1)}…`;
  return {
    Command: `"${short(container.command, 20)}"`,
    // The names of time zones take longer to load than all else to show.
    get CreatedAt() {
      return formatMoment(container.created * 1000);
    },
    ExitCode: container.exitCode ?? 0,
    Health: container.health ?? '',
    ID: whole ? container.id : container.id.slice(0, 12),
    Image: container.image,
    Labels: Object.entries(container.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(container.mounts.filter(({ type }) => type === 'volume').length),
    Mounts: container.mounts.map(({ name, source, target }) => short(name ?? source ?? target, 15)).join(','),
    Name: container.name,
    Names: container.name,
    Networks: container.networks.map(({ name }) => name).join(','),
    Ports: portsText(container),
    Project: project,
    Publishers: portsOf(container).map(({ hostIp, hostPort, containerPort, protocol }) => ({
      URL: hostIp,
      TargetPort: containerPort,
      PublishedPort: hostPort,
      Protocol: protocol,
    })),
    RunningFor: `${formatAge(now / 1000 - container.created)} ago`,
    Service: container.service,
    Size: '0B',
    State: container.state,
    Status: container.status,
  };
}

/** Published and exposed ports in an order that does not change from one call to the next. */
function portsOf({ ports, exposedPorts = [] }: ObservedContainer): readonly PublishedPort[] {
  const exposed = exposedPorts.map((port: ExposedPort) => ({ ...port, hostIp: '', hostPort: 0 }));
  return [...ports, ...exposed].sort(
    (a, b) =>
      a.containerPort - b.containerPort ||
      compareText(a.hostIp, b.hostIp) ||
      a.hostPort - b.hostPort ||
      compareText(a.protocol, b.protocol),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface PortRange {
  readonly hostIp: string;
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

/** Neighbouring ports that have the same number inside and outside are told as a range, before all others. */
function portsText(container: ObservedContainer): string {
  const ranges: PortRange[] = [];
  const mapped: string[] = [];
  for (const { hostIp, hostPort, containerPort, protocol } of portsOf(container)) {
    if (hostIp !== '' && hostPort !== containerPort) {
      mapped.push(`${address(hostIp, String(hostPort))}->${containerPort}/${protocol}`);
      continue;
    }
    const at = ranges.findLastIndex((range) => range.hostIp === hostIp && range.protocol === protocol);
    const open = ranges[at];
    if (open?.last === containerPort - 1) ranges[at] = { ...open, last: containerPort };
    else ranges.push({ hostIp, protocol, first: containerPort, last: containerPort });
  }
  return [...ranges.map(rangeText), ...mapped].join(', ');
}

function rangeText({ hostIp, protocol, first, last }: PortRange): string {
  const ports = first === last ? String(first) : `${first}-${last}`;
  return hostIp === '' ? `${ports}/${protocol}` : `${address(hostIp, ports)}->${ports}/${protocol}`;
}

export function address(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
