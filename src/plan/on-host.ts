import type { ObservedState } from '../model/observed.ts';
import type { Problem } from '../model/problem.ts';
import { imageOf, type Service, type Stack, type StringMap } from '../model/stack.ts';
import { listeningPorts } from './discovery.ts';

export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

/** Where a port of a service is reached from this machine; undefined: nowhere. */
export type Published = (service: string, port: number) => HostAddress | undefined;

export interface OnHost {
  /** For a program on this machine that does what the service does. */
  readonly variables: StringMap;
  /** What such a program does not reach. */
  readonly warnings: readonly Problem[];
}

/**
 * The variables of a service as its program needs them outside of its container: where they name another service, its
 * published address takes the place of that; files and folders that are mounted are named by their places on this machine.
 * The search path and the home folder of the container are left out.
 */
export function onHost(
  stack: Stack,
  name: string,
  inContainer: StringMap,
  published: Published,
  images: ObservedState['images'] = {},
): OnHost {
  const peers = peersIn(stack, name);
  const missing = new Map<
    string,
    { readonly service: string; readonly port: number; readonly at: string[] }
  >();
  const service = stack.services[name] ?? {};
  const address = (peer: string, port: number, variable: string): HostAddress | undefined => {
    if (peer === name) return { host: ownHost, port };
    const found = published(peer, port);
    if (found !== undefined) return found;
    const known = missing.get(`${peer}:${port}`) ?? { service: peer, port, at: [] };
    known.at.push(variable);
    missing.set(`${peer}:${port}`, known);
    return undefined;
  };
  const ports = (peer: string): readonly number[] => {
    const target = stack.services[peer];
    if (target === undefined) return [];
    const found = listeningPorts(target, imageOf(stack, peer, target), [peer], images) ?? [];
    return found.filter(({ protocol }) => protocol === 'tcp').map(({ port }) => port);
  };
  const context: Context = { peers, address, ports, published };
  const variables: Record<string, string> = {};
  for (const [variable, value] of Object.entries(inContainer)) {
    if (ofTheMachine.has(variable)) continue;
    variables[variable] = withPaths(withAddresses(variable, value, context), service, stack);
  }
  for (const [variable, value] of Object.entries(hostVariables(inContainer, context)))
    variables[variable] = value;
  return { variables, warnings: [...missing.values()].map(notPublished) };
}

const ownHost = '127.0.0.1';

const ofTheMachine: ReadonlySet<string> = new Set(['PATH', 'HOME']);

interface Context {
  /** Services by the names under which others reach them. */
  readonly peers: ReadonlyMap<string, string>;
  /** Where a port of a peer is reached; that it is not is noted for the variable. */
  readonly address: (peer: string, port: number, variable: string) => HostAddress | undefined;
  /** The ports that a peer listens on, as far as that can be known; the one that it is there for comes first. */
  readonly ports: (peer: string) => readonly number[];
  readonly published: Published;
}

function peersIn({ services }: Stack, name: string): ReadonlyMap<string, string> {
  const peers = new Map<string, string>();
  for (const [peer, { container_name, networks = {} }] of Object.entries(services)) {
    for (const { aliases = [] } of Object.values(networks).map((network) => network ?? {})) {
      for (const alias of aliases) peers.set(alias, peer);
    }
    if (container_name !== undefined) peers.set(container_name, peer);
  }
  for (const peer of Object.keys(services)) peers.set(peer, peer);
  for (const link of services[name]?.links ?? []) {
    const [peer = '', alias = peer] = link.split(':');
    peers.set(alias, peer);
  }
  return peers;
}

const url = /\b([a-z][a-z0-9+.-]*):\/\/([^\s/?#"'<>|]+)/gi;

/** Ports that addresses without one mean, by their schemes. */
const portOfScheme: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  mariadb: 3306,
  redis: 6379,
  rediss: 6379,
  amqp: 5672,
  amqps: 5671,
  mongodb: 27017,
  nats: 4222,
  memcached: 11211,
};

/** A value with the addresses in it replaced; what stands outside of URLs counts only with a port that the peer has. */
function withAddresses(variable: string, value: string, context: Context): string {
  let result = '';
  let done = 0;
  for (const match of value.matchAll(url)) {
    const [whole, scheme = '', authority = ''] = match;
    const before = whole.slice(0, whole.length - authority.length);
    result += withPairs(variable, value.slice(done, match.index), context);
    result += before + withHosts(variable, scheme.toLowerCase(), authority, context);
    done = match.index + whole.length;
  }
  return result + withPairs(variable, value.slice(done), context);
}

/** `user:password@db:5432,other:5432` */
function withHosts(variable: string, scheme: string, authority: string, context: Context): string {
  const at = authority.lastIndexOf('@') + 1;
  const hosts = authority.slice(at).split(',');
  const replaced = hosts.map((one) => {
    const [, host = '', written, rest = ''] = /^([^:;]*)(?::(\d+))?(.*)$/s.exec(one) ?? [];
    const peer = context.peers.get(host);
    if (peer === undefined) return one;
    const port = written === undefined ? (portOfScheme[scheme] ?? context.ports(peer)[0]) : Number(written);
    const found = port === undefined ? undefined : context.address(peer, port, variable);
    return found === undefined ? one : `${found.host}:${found.port}${rest}`;
  });
  return authority.slice(0, at) + replaced.join(',');
}

/** `kafka:9092,other:9092`; an image such as `redis:7` is none. */
function withPairs(variable: string, text: string, context: Context): string {
  return text.replace(
    /(?<![\w.@/-])([\w.-]*\w):(\d{2,5})(?![\w.])/g,
    (whole, host: string, digits: string) => {
      const peer = context.peers.get(host);
      const port = Number(digits);
      if (peer === undefined) return whole;
      const isKnown = context.published(peer, port) !== undefined || context.ports(peer).includes(port);
      const found = isKnown ? context.address(peer, port, variable) : undefined;
      return found === undefined ? whole : `${found.host}:${found.port}`;
    },
  );
}

/** Variables that are nothing but the name of a peer, and those beside them that say its port: `DB_HOST`, `DB_PORT`. */
function hostVariables(inContainer: StringMap, context: Context): StringMap {
  const variables: Record<string, string> = {};
  for (const [variable, value] of Object.entries(inContainer)) {
    const [, prefix] = /^(.*?)(?:HOSTNAME|HOST|ADDRESS|ADDR|SERVER)$/i.exec(variable) ?? [];
    const peer = context.peers.get(value);
    if (prefix === undefined || peer === undefined) continue;
    const portName = prefix + (/[a-z]$/.test(variable) ? 'port' : 'PORT');
    const written = inContainer[portName];
    const port = /^\d+$/.test(written ?? '') ? Number(written) : context.ports(peer)[0];
    if (port === undefined) continue;
    const found = context.address(peer, port, variable);
    if (found === undefined) continue;
    variables[variable] = found.host;
    // Where the port was the usual one, nobody had to say it.
    const isSaid = written !== undefined && Number(written) === port;
    if (isSaid || (written === undefined && found.port !== port)) variables[portName] = String(found.port);
  }
  return variables;
}

/** A path of the container as that of this machine, if what is there is mounted from here. */
function withPaths(value: string, service: Service, stack: Stack): string {
  const mounted = mountsOf(service, stack).find(
    ({ target }) => value === target || value.startsWith(`${target}/`),
  );
  return mounted === undefined ? value : mounted.source + value.slice(mounted.target.length);
}

interface Mounted {
  readonly target: string;
  readonly source: string;
}

function mountsOf({ volumes = [], secrets = [], configs = [] }: Service, stack: Stack): readonly Mounted[] {
  const folders = volumes.flatMap((mount) =>
    mount.type === 'bind' ? [{ target: mount.target, source: mount.source }] : [],
  );
  const ofSecrets = secrets.map(({ source, target = source }) => ({
    target: target.startsWith('/') ? target : `/run/secrets/${target}`,
    source: stack.secrets[source]?.file,
  }));
  const ofConfigs = configs.map(({ source, target = `/${source}` }) => ({
    target,
    source: stack.configs[source]?.file,
  }));
  const all = [...folders, ...ofSecrets, ...ofConfigs].flatMap(({ target, source }) =>
    source === undefined ? [] : [{ target, source }],
  );
  return all.toSorted((a, b) => b.target.length - a.target.length);
}

function notPublished({
  service,
  port,
  at,
}: {
  service: string;
  port: number;
  at: readonly string[];
}): Problem {
  const all = [...new Set(at)];
  const more = all.length > 3 ? ` and ${all.length - 2} more` : '';
  const names = all.slice(0, more === '' ? 3 : 2).join(', ') + more;
  return {
    code: 'not-published',
    severity: 'warning',
    service,
    message: `${names} ${all.length > 1 ? 'name' : 'names'} port ${port} of ${service}, which nothing on this machine leads to`,
    hint: `add \`ports: ["127.0.0.1::${port}"]\` to ${service}, then \`stack up -d ${service}\``,
  };
}
