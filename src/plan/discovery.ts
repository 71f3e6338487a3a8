import { imageOf, type Service, type Stack, type StringMap } from '../model/stack.ts';

/** Ports that widely used images listen on, for services whose file does not say. By the last part of the image's name. */
const wellKnownPorts: Readonly<Record<string, number>> = {
  postgres: 5432,
  mysql: 3306,
  mariadb: 3306,
  redis: 6379,
  valkey: 6379,
  memcached: 11211,
  mongo: 27017,
  rabbitmq: 5672,
  nats: 4222,
  elasticsearch: 9200,
  nginx: 80,
  httpd: 80,
  caddy: 80,
};

/**
 * The variables that tell a service where the services it depends on or links to are: `<NAME>_HOST`, always the name on
 * the network, so that it survives a replaced container, and `<NAME>_PORT` where the port can be known from the file.
 * What the file itself sets is left out: explicit `environment` wins.
 */
export function discoveryVariables(stack: Stack, service: Service): StringMap {
  const variables: Record<string, string> = {};
  for (const peer of peersOf(service)) {
    const target = stack.services[peer.service];
    // What a program stands for is on no network.
    if (target === undefined || target.provider !== undefined) continue;
    const prefix = variablePrefix(peer.alias);
    variables[`${prefix}_HOST`] = peer.alias;
    const port = listeningPort(target, imageOf(stack, peer.service, target));
    if (port !== undefined) variables[`${prefix}_PORT`] = String(port);
  }
  const own = service.environment ?? {};
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !(name in own)));
}

interface Peer {
  readonly service: string;
  /** The name by which the dependant reaches it. */
  readonly alias: string;
}

function peersOf(service: Service): readonly Peer[] {
  const linked = (service.links ?? []).map((link): Peer => {
    const [name = '', alias = name] = link.split(':');
    return { service: name, alias };
  });
  const byName = Object.keys(service.depends_on ?? {}).map((name): Peer => ({ service: name, alias: name }));
  return [...byName, ...linked];
}

function variablePrefix(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

function listeningPort(service: Service, image: string): number | undefined {
  const exposed = service.expose?.map((entry) => Number.parseInt(entry, 10)).find(Number.isInteger);
  return exposed ?? service.ports?.[0]?.target ?? wellKnownPorts[repositoryName(image)];
}

/** `registry:5000/team/redis:7@sha256:…` → `redis` */
function repositoryName(image: string): string {
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  return lastPart.replace(/[:@].*$/, '');
}
