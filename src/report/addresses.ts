import type { PublishedPort } from '../model/observed.ts';
import { browserScheme, hostOf } from '../model/ports.ts';
import { sanitiseField } from './sanitise.ts';
import type { Address, ServiceView } from './view.ts';

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
  const place = `${hostOf(hostIp, 'localhost')}:${hostPort}`;
  const scheme = browserScheme(containerPort);
  if (scheme === undefined) return { text: place, containerPort, hostPort };
  const url = `${scheme}://${place}`;
  return { text: url, url, containerPort, hostPort };
}

/** What it said when it was asked: `200 OK`; empty if it was not, or said nothing that can be shown. */
export function describeAnswer({ answer }: Address): string {
  if (answer === undefined) return '';
  if (!answer.answers) return 'not answering yet';
  return answer.status === undefined
    ? 'answers'
    : `${answer.status} ${sanitiseField(answer.said ?? '')}`.trim();
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
