import type { StringMap } from './stack.ts';

/** A service as another one uses it, with all that is to be told of it but for its ports. */
export interface Peer {
  readonly service: string;
  /** What the names of its variables begin with: `DB`. */
  readonly prefix: string;
  /** By what name the other one reaches it. */
  readonly host: string;
  /** Why it is told of: `it depends on db`. */
  readonly because: string;
  /** The value of `<PREFIX>_NAME`, if it has one. */
  readonly name?: string;
  /** Its address, with `{host}` and `{port}` for those of it; absent: what its port says. */
  readonly url?: string;
  /** Where the other one finds the password of it, as a file. */
  readonly passwordFile?: string;
}

export interface ListeningPort {
  readonly port: number;
  readonly protocol: string;
}

/** A variable that a service gets beside those that its file sets. */
export interface InjectedVariable {
  readonly name: string;
  readonly value: string;
  /** The service that it tells of. */
  readonly service: string;
  readonly because: string;
}

/** What listens on these is spoken to in this way, whatever the image is. */
const schemes: Readonly<Record<number, string>> = { 80: 'http', 443: 'https', 8080: 'http' };

/**
 * The variables that tell of a peer that listens on these ports, of which the first is what it is there for: host, port,
 * address, and for each port what the links of Docker gave, with the name in the place of an IP address, so that all of it
 * stays true when its container is replaced.
 */
function variablesOf(peer: Peer, ports: readonly ListeningPort[]): readonly InjectedVariable[] {
  const { prefix, host, service, because } = peer;
  const variable = (name: string, value: string): InjectedVariable => ({
    name: `${prefix}_${name}`,
    value,
    service,
    because,
  });
  const [main] = ports;
  const url = urlOf(peer, main);
  return [
    variable('HOST', host),
    ...(main === undefined ? [] : [variable('PORT', String(main.port))]),
    ...(url === undefined ? [] : [variable('URL', url)]),
    ...(peer.passwordFile === undefined ? [] : [variable('PASSWORD_FILE', peer.passwordFile)]),
    ...(peer.name === undefined ? [] : [variable('NAME', peer.name)]),
    ...ports.flatMap(({ port, protocol }) => {
      const name = `PORT_${port}_${protocol.toUpperCase()}`;
      return [
        variable(name, `${protocol}://${host}:${port}`),
        variable(`${name}_ADDR`, host),
        variable(`${name}_PORT`, String(port)),
        variable(`${name}_PROTO`, protocol),
      ];
    }),
  ];
}

function urlOf({ url, host }: Peer, main: ListeningPort | undefined): string | undefined {
  const scheme = main?.protocol === 'tcp' ? schemes[main.port] : undefined;
  const template = url ?? (scheme === undefined ? undefined : `${scheme}://{host}:{port}`);
  if (template === undefined || (main === undefined && template.includes('{port}'))) return undefined;
  return template.replaceAll('{host}', host).replaceAll('{port}', String(main?.port));
}

/** What is exposed, as images say it: `5432/tcp`. The lowest comes first, as with the links of Docker; TCP before others. */
export function exposedPorts(entries: readonly string[]): readonly ListeningPort[] {
  return entries
    .flatMap((entry) => {
      const [port = '', protocol = 'tcp'] = entry.split('/');
      return /^\d+$/.test(port) ? [{ port: Number(port), protocol }] : [];
    })
    .toSorted((a, b) => Number(b.protocol === 'tcp') - Number(a.protocol === 'tcp') || a.port - b.port);
}

/** All that a service is told of those that it uses. */
export interface Discovery {
  /** As its containers get them. */
  readonly variables: StringMap;
  /** The same, each with the reason; in the order of the file. */
  readonly injected: readonly InjectedVariable[];
  /** Those that would be there if nothing spoke against it. */
  readonly leftOut: readonly LeftOut[];
}

/** A variable, or with `*` at its end all that begin so, and what speaks against it. */
export interface LeftOut {
  readonly name: string;
  readonly service: string;
  readonly because: string;
}

/** What a service uses, and what it is. */
export interface Surround {
  readonly peers: readonly FoundPeer[];
  /** What variables begin with that the image of the service may take for its own: `MYSQL_`; absent: that is not known. */
  readonly ownPrefix?: string;
  readonly environment: Readonly<Record<string, string | null>>;
}

export interface FoundPeer {
  readonly peer: Peer;
  readonly image: string;
  /** What it is there for comes first; absent: its image tells, which is not there yet. */
  readonly ports?: readonly ListeningPort[];
}

/** What a service is told; what it sets itself wins. */
export function tell({ peers, ownPrefix, environment: own }: Surround): Discovery {
  const injected = new Map<string, InjectedVariable>();
  const leftOut: LeftOut[] = [];
  const objectionTo = (name: string): string | undefined => {
    if (Object.hasOwn(own, name)) return 'the file sets it';
    if (reserved.has(name)) return 'programs take it for something else';
    if (ownPrefix !== undefined && name.startsWith(ownPrefix))
      return 'the image of the service may take it for a setting of its own';
    return injected.has(name) ? 'another service has this name, too' : undefined;
  };
  for (const { peer, ports = [] } of peers) {
    const elsewhere = contradiction(peer, ports, own);
    if (elsewhere !== undefined) {
      leftOut.push({ name: `${peer.prefix}_*`, service: peer.service, because: elsewhere });
      continue;
    }
    for (const variable of variablesOf(peer, ports)) {
      const because = objectionTo(variable.name);
      if (because === undefined) injected.set(variable.name, variable);
      // What the file sets to the same is as good as told.
      else if (own[variable.name] !== variable.value)
        leftOut.push({ name: variable.name, service: variable.service, because });
    }
  }
  const variables = [...injected.values()];
  return {
    variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    injected: variables,
    leftOut,
  };
}

/** Who says that a service is elsewhere is not told of this one. */
function contradiction(
  { prefix, host }: Peer,
  [main]: readonly ListeningPort[],
  own: Surround['environment'],
): string | undefined {
  const values = { HOST: host, PORT: main === undefined ? undefined : String(main.port) };
  const other = (['HOST', 'PORT'] as const).find((part) => {
    const name = `${prefix}_${part}`;
    return Object.hasOwn(own, name) && own[name] !== values[part];
  });
  return other === undefined ? undefined : `the file sets ${prefix}_${other} to something else`;
}

/** Programs take these for something else: where the engine is, on which port they themselves are to listen. */
const reserved: ReadonlySet<string> = new Set([
  ...['APP', 'SERVER', 'HTTP', 'HTTPS'].flatMap((prefix) =>
    ['HOST', 'PORT', 'URL', 'NAME'].map((part) => `${prefix}_${part}`),
  ),
  ...['BASE', 'PUBLIC', 'ROOT', 'SITE'].map((prefix) => `${prefix}_URL`),
  ...['CLUSTER', 'HOST', 'NODE', 'USER'].map((prefix) => `${prefix}_NAME`),
  'DOCKER_HOST',
  'MANAGEMENT_SERVER_PORT',
]);

/** The text of variables whose hash tells later whether they are still the same. */
export function discoveryText(variables: StringMap): string {
  return Object.keys(variables)
    .toSorted()
    .map((name) => `${name}=${variables[name]}`)
    .join('\n');
}
