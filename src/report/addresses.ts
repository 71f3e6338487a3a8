import type { PublishedPort } from '../model/observed.ts';
import type { Address, ServiceView } from './view.ts';

/** Ports by which databases and the like are reached; a browser cannot talk to them. */
const notForBrowsers = new Set([
  21, 22, 25, 53, 389, 465, 587, 636, 1025, 1433, 1521, 1883, 2181, 2379, 3306, 4222, 5432, 5433, 5671, 5672,
  6379, 6380, 7687, 8883, 9042, 9092, 9094, 11211, 26257, 27017, 50051,
]);
const encrypted = new Set([443, 8443]);
const everywhere = new Set(['', '0.0.0.0', '::', '[::]']);

/** Where the published ports answer on this machine, each once: engines tell IPv4 and IPv6 apart. */
export function addressesOf(ports: readonly PublishedPort[]): readonly Address[] {
  const addresses = new Map<string, Address>();
  for (const port of [...ports].sort(
    (a, b) => a.containerPort - b.containerPort || a.hostPort - b.hostPort,
  )) {
    if (port.protocol !== 'tcp' || port.hostPort === 0) continue;
    const address = addressOf(port);
    if (!addresses.has(address.text)) addresses.set(address.text, address);
  }
  return [...addresses.values()];
}

function addressOf({ hostIp, hostPort, containerPort }: PublishedPort): Address {
  const place = `${hostOf(hostIp)}:${hostPort}`;
  if (notForBrowsers.has(containerPort)) return { text: place, containerPort };
  const url = `${encrypted.has(containerPort) ? 'https' : 'http'}://${place}`;
  return { text: url, url, containerPort };
}

function hostOf(ip: string): string {
  if (everywhere.has(ip)) return 'localhost';
  return ip.includes(':') && !ip.startsWith('[') ? `[${ip}]` : ip;
}

/** Where a service answers now, each address once. */
export function addressesOfService({ replicas }: ServiceView): readonly Address[] {
  const running = replicas.filter((replica) => replica.container === 'running');
  return [
    ...new Map(
      running.flatMap(({ addresses }) => addresses.map((address) => [address.text, address])),
    ).values(),
  ];
}
