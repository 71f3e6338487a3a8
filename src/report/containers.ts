import type { ObservedContainer, PublishedPort } from '../model/observed.ts';
import { jsonLine } from './json.ts';
import { sanitiseField } from './sanitise.ts';
import { pad, widthOf } from './width.ts';

const columns = ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'] as const;

/** The table of `ps`, with the columns of Docker Compose. `now` in milliseconds since 1970. */
export function formatContainers(containers: readonly ObservedContainer[], now: number): string {
  const rows = containers.map((container) => [
    container.name,
    container.image,
    quoted(container.command),
    container.service,
    `${age(now / 1000 - container.created)} ago`,
    container.status,
    portsText(container.ports),
  ]);
  return table([columns, ...rows]);
}

/** One JSON object a line, with the keys that Docker Compose gives. */
export function formatContainersJson(
  project: string,
  containers: readonly ObservedContainer[],
  now: number,
): string {
  return containers.map((container) => jsonLine(jsonOf(project, container, now))).join('');
}

function jsonOf(project: string, container: ObservedContainer, now: number): Record<string, unknown> {
  return {
    Command: quoted(container.command),
    CreatedAt: new Date(container.created * 1000).toISOString(),
    ExitCode: container.exitCode ?? 0,
    Health: container.health ?? '',
    ID: container.id.slice(0, 12),
    Image: container.image,
    Labels: Object.entries(container.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(container.mounts.filter(({ type }) => type === 'volume').length),
    Mounts: container.mounts.map(({ name, target }) => name ?? target).join(','),
    Name: container.name,
    Names: container.name,
    Networks: container.networks.map(({ name }) => name).join(','),
    Ports: portsText(container.ports),
    Project: project,
    Publishers: container.ports.map(({ hostIp, hostPort, containerPort, protocol }) => ({
      URL: hostIp,
      TargetPort: containerPort,
      PublishedPort: hostPort,
      Protocol: protocol,
    })),
    RunningFor: `${age(now / 1000 - container.created)} ago`,
    Service: container.service,
    Size: '0B',
    State: container.state,
    Status: container.status,
  };
}

function portsText(ports: readonly PublishedPort[]): string {
  return ports
    .map(
      ({ hostIp, hostPort, containerPort, protocol }) =>
        `${address(hostIp, hostPort)}->${containerPort}/${protocol}`,
    )
    .join(', ');
}

function address(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Long commands are cut as the engine's own list cuts them. */
function quoted(command: string): string {
  const longest = 20;
  return JSON.stringify(command.length > longest ? `${command.slice(0, longest - 1)}…` : command);
}

const units = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `3 minutes`, `2 hours`: the largest unit that fits. */
function age(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [name, length] = units.find(([, size]) => whole >= size) ?? ['second', 1];
  const count = Math.floor(whole / length);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** Names, commands and labels are other people's text: each cell is made harmless before it is measured. */
function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(sanitiseField));
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
